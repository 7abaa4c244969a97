"""A service on small models; a test that needs another builds its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models.card import Codes
from service.app import create_app
from service.gate import digest_of
from service.settings import Settings
from tests import zoo
from tests.service.test_server import Server, serving

DIGITS = tuple("0123456789")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models: conditional grey, unconditional colour, one with named classes, one with codes."""
    path = tmp_path_factory.mktemp("models")
    zoo.write(path, zoo.card("digits", classes=DIGITS))
    zoo.write(path, zoo.card("plain", channels=3, size=16))
    zoo.write(path, zoo.card("clothes", classes=("Bag", "Shirt", "Ankle boot")))
    zoo.write(path, zoo.card("coded", codes=Codes(categorical=(3,), continuous=2)))
    return path


@pytest.fixture(scope="session")
def settings(folder: Path) -> Settings:
    return Settings(models=(folder,), device="cpu", max_batch=16, max_images=64)


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="session")
def server_of_clients(folder: Path) -> Iterator[Server]:
    """A real server with an admin, for clients that do not take less."""
    with serving(folder, GANFORGE_ADMIN_KEY=digest_of("admin")) as server:
        yield server
