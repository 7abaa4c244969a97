"""The catalog follows its folders while requests are served."""

import gc
import os
import shutil
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from models import checkpoint
from service.app import create_app
from service.folders import Folders
from service.settings import Settings
from tests import zoo

POLL = 0.05
PATIENCE = 60


def write(path: Path, seed: int) -> str:
    """Write a model whose weights depend on the seed, whole, and return its digest."""
    card = zoo.card(path.stem)
    part = path.with_name(f".{path.name}")
    digest = checkpoint.save(part, card, zoo.random_generator(card, seed), zoo.random_judge(card))
    part.replace(path)
    return digest


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    write(folder / "one.safetensors", 0)
    return folder / "one.safetensors"


@pytest.fixture
def client(file: Path) -> Iterator[TestClient]:
    settings = Settings(models=(file.parent,), device="cpu", max_batch=4, poll_seconds=POLL)
    with TestClient(create_app(settings)) as client:
        yield client


def served(client: TestClient) -> dict[str, str]:
    return {one["model"]: one["digest"] for one in client.get("/models").json()["models"]}


def image(client: TestClient, model: str = "one", seed: int = 1) -> Any:
    return client.post("/generate", json={"model": model, "seed": seed})


def test_a_file_that_appears_is_served_and_one_that_goes_is_not(
    client: TestClient, file: Path
) -> None:
    digest = write(file.with_name("two.safetensors"), 1)
    until(lambda: served(client).get("two") == digest)
    assert image(client, "two").status_code == 200
    file.with_name("two.safetensors").unlink()
    until(lambda: "two" not in served(client))
    assert image(client, "two").status_code == 404
    assert 'model="two"' not in client.get("/metrics").text.split("ganforge_model_ready")[-1]


def test_one_that_is_replaced_makes_the_new_ones_images(client: TestClient, file: Path) -> None:
    before = image(client).content
    old = weakref.ref(client.app.state.service.catalog.entries["one"].model)  # type: ignore[attr-defined]
    digest = write(file, 7)
    until(lambda: served(client)["one"] == digest)
    after = image(client)
    assert after.headers["x-model-digest"] == digest
    assert after.content != before

    def gone() -> bool:
        gc.collect()
        return old() is None

    until(gone)
    write(file, 0)
    until(lambda: image(client).content == before)


def test_22_a_file_that_cannot_be_served_replaces_nothing(client: TestClient, file: Path) -> None:
    before, whole = image(client).content, file.read_bytes()
    for torn in (whole[:-100], whole[:1000], b"", b"\x80\x04pickle"):
        file.write_bytes(torn)
        until(lambda: file.name in client.get("/readyz").json()["refused"])
        assert image(client).content == before
        file.write_bytes(whole)
        until(lambda: client.get("/readyz").json()["refused"] == {})
    assert image(client).content == before
    assert client.get("/readyz").json()["ready"] is True


def test_23_a_file_that_is_still_being_copied_is_not_taken_up(file: Path) -> None:
    content = file.read_bytes()
    folders = Folders([file.parent])
    folders.begin()
    copied = file.with_name("two.safetensors")
    with copied.open("wb", buffering=0) as copy:
        for place in range(0, len(content), len(content) // 20):
            copy.write(content[place : place + len(content) // 20])
            assert folders.changes() == ([], [])
    assert [found.path for found in folders.changes().new] == [copied]


def test_26_a_name_that_is_no_text_is_refused_and_told(client: TestClient, file: Path) -> None:
    file.with_name(os.fsdecode(b"odd\xff.safetensors")).write_bytes(file.read_bytes())
    until(lambda: r"odd\udcff.safetensors" in client.get("/readyz").json()["refused"])
    assert set(served(client)) == {"one"}


def test_26_what_is_no_file_is_refused_and_holds_nothing_up(client: TestClient, file: Path) -> None:
    loop, nothing = (file.with_name(f"{name}.safetensors") for name in ("loop", "nothing"))
    loop.symlink_to(loop)
    nothing.symlink_to(file.with_name("absent"))
    file.with_name("folder.safetensors").mkdir()
    digest = write(file.with_name("zwei.safetensors"), 2)
    until(lambda: served(client).get("zwei") == digest)
    refused = client.get("/readyz").json()["refused"]
    assert set(refused) == {"loop.safetensors", "nothing.safetensors", "folder.safetensors"}
    assert all("not a regular file" in reason for reason in refused.values())
    with TestClient(create_app(Settings(models=(file.parent,), device="cpu"))) as another:
        assert set(served(another)) == {"one", "zwei"}


def test_21_every_answer_is_of_the_weights_that_it_names(client: TestClient, file: Path) -> None:
    """64 clients, while the file is replaced again and again: no error, no bytes of others."""
    digests = {write(file, 0): b""}
    seeds = (0, 3, 4)
    for seed in seeds:
        digest = write(file, seed)
        until(lambda digest=digest: served(client)["one"] == digest)  # type: ignore[misc]
        digests[digest] = image(client).content

    def ask(_: int) -> bool:
        answer = image(client)
        return bool(digests[answer.headers["x-model-digest"]] == answer.content)

    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(ask, number) for number in range(600)]
        for number in range(6):
            digest = write(file, seeds[number % 3])
            until(lambda digest=digest: served(client)["one"] == digest)  # type: ignore[misc]
        assert all(answer.result() for answer in answers)


def test_the_same_file_under_two_names_outlives_either(client: TestClient, file: Path) -> None:
    twin = file.with_name("twin.safetensors")
    shutil.copy(file, twin)
    until(lambda: "twin" in served(client))
    expected = image(client).content
    file.unlink()
    until(lambda: "one" not in served(client))
    gc.collect()
    assert image(client, "twin").content == expected


def test_a_later_folder_wins_a_name_and_gives_it_back(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    (first / "one.safetensors").write_text("1")
    (first / ".hidden.safetensors").write_text("1")
    folders = Folders([first, second])
    assert [found.path for found in folders.begin()] == [first / "one.safetensors"]
    second.mkdir()
    (second / "one.safetensors").write_text("22")
    assert folders.changes() == ([], [])  # seen once: it may still grow
    assert [found.path for found in folders.changes().new] == [second / "one.safetensors"]
    assert folders.changes() == ([], [])
    (second / "one.safetensors").unlink()
    assert folders.changes() == ([], [])
    assert [found.path for found in folders.changes().new] == [first / "one.safetensors"]
    (first / "one.safetensors").unlink()
    assert folders.changes() == ([], [])
    assert folders.changes() == ([], ["one"])
    assert folders.changes() == ([], [])
