"""Both clients on a real service: one in a process of its own, one in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from starlette.testclient import TestClient

from models.card import Codes
from service.app import create_app
from service.client import AsyncClient, Client
from service.settings import Settings
from tests import zoo
from tests.service.test_server import Server, serving

T = TypeVar("T")

Ask = Callable[..., Any]
"""Calls a method by name; what is iterated comes as a list."""


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of every kind that the client has a method for, and one that takes its time."""
    path = tmp_path_factory.mktemp("shelf")
    clothes = ("Bag", "Shirt", "Ankle boot")
    zoo.write(path, zoo.card("clothes", classes=clothes))
    zoo.write(path, zoo.card("plain", channels=3, size=16))
    zoo.write(path, zoo.card("coded", codes=Codes(categorical=(3,), continuous=2)))
    zoo.write(path, zoo.card("told", classes=clothes, told=3))
    energy = zoo.card("auto", judge="dcgan_autoencoder", heads={"energy": 1}, verdict="energy")
    zoo.write(path, energy)
    zoo.write(path, zoo.card("slow", size=64))
    return path


@pytest.fixture(scope="session")
def server(shelf: Path) -> Iterator[Server]:
    settings = {
        "GANFORGE_MAX_BATCH": "16",
        "GANFORGE_MAX_IMAGES": "100000",
        "GANFORGE_QUEUE_IMAGES": "2000",
    }
    with serving(shelf, **settings) as server:
        yield server


@pytest.fixture(scope="session")
def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def app(shelf: Path) -> Iterator[TestClient]:
    settings = Settings(models=(shelf,), device="cpu", max_batch=16, max_images=5000)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="session", params=["blocking", "waiting"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Ask by either client."""
    if request.param == "waiting":
        yield waiting(request.getfixturevalue("app"))
        return
    with Client(request.getfixturevalue("url")) as client:

        def call(name: str, *given: Any, **named: Any) -> Any:
            said = getattr(client, name)(*given, **named)
            return list(said) if isinstance(said, Iterator) else said

        yield call


def waiting(app: TestClient) -> Ask:
    """Ask by the asynchronous client, where the app has its event loop."""
    portal = app.portal
    assert portal is not None, "the app runs"

    def call(name: str, *given: Any, **named: Any) -> Any:
        async def run() -> Any:
            transport = httpx2.ASGITransport(app.app)
            async with AsyncClient("http://service.example", transport=transport) as client:
                said = getattr(client, name)(*given, **named)
                return [one async for one in said] if hasattr(said, "__aiter__") else await said

        return portal.call(run)

    return call
