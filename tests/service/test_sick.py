"""A device that fails as GPUs do: for good until its process is replaced, or for want of memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.engine.link import Link
from service.settings import Settings
from tests.service.test_operations import value
from tests.service.test_worker import service, worker

SICK = Path(__file__).with_name("sick")


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which a test says what is wrong with the device."""
    monkeypatch.setenv("SICK", str(tmp_path))
    monkeypatch.syspath_prepend(SICK)
    return tmp_path


@pytest.fixture
def client(folder: Path, faults: Path) -> Iterator[TestClient]:
    settings = Settings(models=(folder,), device="cpu", max_batch=16, poll_seconds=0)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient) -> Any:
    return client.post("/generate", json={"model": "plain", "seed": 3, "n": 16, "format": "npy"})


def test_18_a_device_that_fails_for_good_has_its_worker_replaced(
    client: TestClient, faults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each later batch would fail too; while another process begins the service is not ready."""
    before, sick = ask(client).content, worker(client)
    ready: list[bool] = []
    begin = Link.open

    def watched(setup: Any) -> Link:
        ready.append(service(client).ready)
        return begin(setup)

    monkeypatch.setattr(Link, "open", watched)
    (faults / "sticky").touch()
    after = ask(client)
    assert (after.status_code, after.content) == (200, before)
    assert worker(client) != sick
    assert ready == [False]
    assert client.get("/readyz").status_code == 200


def test_19_a_request_that_there_is_no_memory_for_is_served_in_parts(
    client: TestClient, faults: Path
) -> None:
    before = ask(client).content
    (faults / "room").write_text("3")
    assert ask(client).content == before
    found = value(client, "ganforge_oom_total")
    assert found > 0
    assert ask(client).content == before
    assert value(client, "ganforge_oom_total") == found, "what fits is remembered"
