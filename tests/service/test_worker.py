"""The worker process dies: at work, idle, as it begins, with files that have changed since."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.state import Service
from tests.service.test_reload import POLL, until, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    write(folder / "one.safetensors", 0)
    return folder


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    settings = Settings(models=(folder,), device="cpu", max_batch=4, poll_seconds=POLL)
    with TestClient(create_app(settings)) as client:
        yield client


def service(client: TestClient) -> Service:
    app: Any = client.app
    return app.state.service


def worker(client: TestClient) -> int:
    return service(client).engine._supervisor._link._process.pid


def kill(client: TestClient) -> int:
    """End the worker at once, and return which it was."""
    pid = worker(client)
    os.kill(pid, signal.SIGKILL)
    return pid


def ask(client: TestClient, model: str = "one") -> Any:
    return client.post("/generate", json={"model": model, "seed": 3})


def test_17_the_next_one_answers_the_same(client: TestClient) -> None:
    before = ask(client)
    kill(client)
    after = ask(client)
    assert (after.status_code, after.content) == (200, before.content)


def test_one_that_dies_while_nobody_asks_is_replaced(client: TestClient) -> None:
    gone = kill(client)
    until(lambda: worker(client) != gone and client.get("/readyz").status_code == 200)


def test_one_that_dies_as_it_begins_is_not_the_last(client: TestClient) -> None:
    """Kill each that comes, for longer than a request has patience; then leave one alive."""
    before = ask(client).content
    end = time.monotonic() + 4
    statuses = set()
    while time.monotonic() < end:
        kill(client)
        answer = ask(client)
        statuses.add(answer.status_code)
        if answer.status_code == 503:
            assert "retry-after" in answer.headers
        time.sleep(0.02)
    assert statuses <= {200, 503}
    until(lambda: ask(client).status_code == 200)
    assert ask(client).content == before


def test_18_a_worker_that_cannot_begin_is_tried_again_until_it_can(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ask(client).content
    with monkeypatch.context() as patch:
        patch.setattr("sys.executable", "/bin/false")
        kill(client)
        refused = ask(client)
        assert refused.status_code == 503
        assert "ended as they began" in refused.json()["detail"]
        assert client.get("/readyz").status_code == 503
    until(lambda: client.get("/readyz").status_code == 200)
    assert ask(client).content == before


def test_a_model_whose_file_was_torn_since_outlives_the_worker(
    client: TestClient, folder: Path
) -> None:
    before = ask(client).content
    file = folder / "one.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    until(lambda: "one.safetensors" in client.get("/readyz").json()["refused"])
    kill(client)
    after = ask(client)
    assert (after.status_code, after.content) == (200, before)
    assert client.post("/discriminate?model=one", content=before).status_code == 200


def test_a_file_that_comes_when_the_worker_is_gone_is_not_blamed(
    client: TestClient, folder: Path
) -> None:
    kill(client)
    write(folder / "two.safetensors", 1)
    until(lambda: ask(client, "two").status_code == 200)
    assert client.get("/readyz").json()["refused"] == {}


def test_what_is_kept_goes_with_the_model_and_with_the_service(folder: Path) -> None:
    settings = Settings(models=(folder,), device="cpu", max_batch=4, poll_seconds=POLL)
    with TestClient(create_app(settings)) as client:
        kept = Path(service(client).engine._kept.name)
        write(folder / "two.safetensors", 1)
        until(lambda: ask(client, "two").status_code == 200)
        assert len(list(kept.iterdir())) == 2
        (folder / "two.safetensors").unlink()
        until(lambda: len(list(kept.iterdir())) == 1)
    assert not kept.exists()
