"""What the admin may do: reload, load and unload."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.gate import digest_of
from service.settings import Settings
from tests import zoo

KEY = {"authorization": "Bearer admin"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A service that never looks at its folder by itself."""
    zoo.write(tmp_path, zoo.card("one"))
    settings = Settings(
        models=(tmp_path,), device="cpu", max_batch=4, poll_seconds=0, admin_key=digest_of("admin")
    )
    with TestClient(create_app(settings)) as client:
        yield client


def order(client: TestClient, path: str) -> Any:
    return client.post(f"/admin/{path}", headers=KEY)


def serves(client: TestClient, name: str) -> bool:
    return client.post("/generate", json={"model": name, "seed": 1}).status_code == 200


def test_reload_takes_up_what_has_come_and_what_has_gone(
    client: TestClient, tmp_path: Path
) -> None:
    zoo.write(tmp_path, zoo.card("two"))
    (tmp_path / "torn.safetensors").write_bytes(b"not a model")
    assert not serves(client, "two")
    said = order(client, "reload").json()
    assert said["models"] == ["one", "two"]
    assert list(said["refused"]) == ["torn.safetensors"]
    assert serves(client, "two")
    (tmp_path / "one.safetensors").unlink()
    assert order(client, "reload").json()["models"] == ["two"]
    assert not serves(client, "one")


def test_02_what_is_unloaded_serves_again_when_it_is_loaded(client: TestClient) -> None:
    before = client.post("/generate", json={"model": "one", "seed": 1}).content
    assert order(client, "models/one/unload").json() == {"models": [], "refused": {}}
    assert not serves(client, "one")
    assert client.get("/readyz").status_code == 503
    assert order(client, "reload").json()["models"] == [], "its file has not changed"
    assert order(client, "models/one/load").json()["models"] == ["one"]
    assert client.post("/generate", json={"model": "one", "seed": 1}).content == before


def test_load_reads_the_file_anew(client: TestClient, tmp_path: Path) -> None:
    before = client.get("/models/one").json()["digest"]
    zoo.write(tmp_path, zoo.card("one", classes=("a", "b")))
    assert order(client, "models/one/load").status_code == 200
    after = client.get("/models/one").json()
    assert after["digest"] != before
    assert after["card"]["class_names"] == ["a", "b"]


def test_a_file_that_cannot_be_served_is_said_and_replaces_nothing(
    client: TestClient, tmp_path: Path
) -> None:
    file = tmp_path / "one.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    answer = order(client, "models/one/load")
    assert answer.status_code == 422
    assert "not a readable safetensors file" in answer.json()["detail"]
    assert serves(client, "one")


@pytest.mark.parametrize("path", ["models/none/load", "models/none/unload", "models/..%2Fone/load"])
def test_an_unknown_model_is_said_with_those_there_are(client: TestClient, path: str) -> None:
    answer = order(client, path)
    assert answer.status_code == 404


def test_there_is_no_file_to_load_also_of_models_that_are_not_served(client: TestClient) -> None:
    order(client, "models/one/unload")
    said = order(client, "models/nope/load").json()["detail"]
    assert said.startswith("model 'nope': no file of that name; there are one")
    assert "served" not in said
    assert "model 'one' is not served" in order(client, "models/one/unload").json()["detail"]


def test_the_unknown_is_told_what_is_known(client: TestClient) -> None:
    assert "did you mean 'one'" in order(client, "models/onee/load").json()["detail"]
