"""Models come and go at the test's own pace: what serves, what finishes, what stays."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from starlette.testclient import TestClient

from models import checkpoint
from models.card import Network
from service.app import create_app
from service.errors import RefusedError
from service.settings import Settings
from tests import zoo
from tests.service.test_reload import image, served, until, write
from tests.service.test_server import paused
from tests.service.test_worker import service, worker

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts on signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions") / "models"


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[TestClient]:
    """A service that looks at its folder when a test has it look."""
    folder.mkdir()
    settings = Settings(models=(folder,), device="cpu", max_batch=2, poll_seconds=0)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def file(running: TestClient, folder: Path) -> Path:
    """The one model that is there, and serves, when a test begins."""
    for left in folder.iterdir():
        left.unlink()
    write(folder / "one.safetensors", 0)
    keeper, portal = service(running).keeper, running.portal
    assert portal is not None
    for name in served(running):
        portal.call(keeper.unload, name)
    portal.call(keeper.reload)
    assert (list(served(running)), reasons(running)) == (["one"], {})
    return folder / "one.safetensors"


@pytest.fixture
def client(running: TestClient, file: Path) -> TestClient:
    return running


def look(client: TestClient, times: int = 1) -> None:
    """Have the service look at its folder; what lies still is taken up at the second time."""
    assert client.portal is not None
    for _ in range(times):
        client.portal.call(service(client).keeper.follow)


def load(client: TestClient, name: str) -> "Future[None]":
    """Have the service begin to read a model's file."""
    assert client.portal is not None
    return client.portal.start_task_soon(service(client).keeper.load, name)


def reasons(client: TestClient) -> Any:
    return client.get("/readyz").json()["refused"]


def spoil(file: Path, kind: str) -> None:
    """Write the weights again, whole and with a card, but not as it says."""
    with safe_open(file, "pt") as opened:
        card = opened.metadata()
    tensors = load_file(file)
    name = next(name for name, tensor in tensors.items() if tensor.ndim == 4)
    match kind:
        case "shape":
            tensors[name] = tensors[name][:, :, :1].contiguous()
        case "type":
            tensors[name] = tensors[name].double()
        case "missing":
            del tensors[name]
        case "not finite":
            tensors[name] = torch.full_like(tensors[name], torch.nan)
    save_file(tensors, file, card)


@pytest.mark.parametrize("kind", ["shape", "type", "missing", "not finite"])
def test_22_weights_that_do_not_fit_their_card_replace_nothing(
    client: TestClient, file: Path, kind: str
) -> None:
    before = image(client).content
    spoil(file, kind)
    look(client, 2)
    assert f"{file}: tensor" in reasons(client)[file.name]
    assert image(client).content == before
    assert client.get("/readyz").status_code == 200


@LINUX
def test_22_fifty_reloads_leave_no_memory_behind(client: TestClient, file: Path) -> None:
    """Of models of 5 MB each, in two versions that take turns; nor do files that are refused."""
    contents = []
    for seed in range(2):
        card = zoo.card("one")
        wide = {**card.generator.arguments, "hidden": 1 << 13}
        card = card.model_copy(update={"generator": Network(network="dcgan", arguments=wide)})
        checkpoint.save(file, card, zoo.random_generator(card, seed), zoo.random_judge(card))
        contents.append(file.read_bytes())
    kept = Path(service(client).engine._kept.name)

    def memory() -> int:
        assert client.portal is not None
        return client.portal.call(service(client).engine.memory)["resident"]

    sizes = []
    for turn in range(50):
        file.write_bytes(contents[turn % 2])
        load(client, "one").result()
        until(lambda: len(list(kept.iterdir())) == 1)
        spoil(file, "not finite")
        with pytest.raises(RefusedError, match="not finite"):
            load(client, "one").result()
        sizes.append(memory())
    assert image(client).status_code == 200
    weights = sum(tensor.numel() for tensor in load_file(file).values()) * 4
    assert weights > 4_500_000
    assert sizes[-1] - sizes[9] < 10 * weights, "not a quarter of what forty would take"


@pytest.mark.parametrize("looks", [1, 3], ids=["moving", "stalling"])
@pytest.mark.parametrize("name", ["one", "two"])
def test_23_a_slow_copy_is_never_served_torn(
    client: TestClient, file: Path, name: str, looks: int
) -> None:
    """Over a model that serves, or as another one; one that stalls is refused until it is whole."""
    before, whole = image(client).content, served(client)
    source = file.parent.parent / f"{name}.safetensors"
    digest = write(source, 7)
    content, copied = source.read_bytes(), file.with_name(f"{name}.safetensors")
    step = len(content) // 10
    with copied.open("wb", buffering=0) as copy:
        for place in range(0, len(content) - step, step):
            copy.write(content[place : place + step])
            look(client, looks)
            assert served(client) == whole
            assert image(client).content == before
            assert list(reasons(client)) == ([copied.name] if looks > 1 else [])
        copy.write(content[place + step :])
    look(client, 2)
    assert served(client)[name] == digest
    assert reasons(client) == {}


@LINUX
def test_24_another_model_on_its_way_does_not_make_it_unready(
    client: TestClient, file: Path
) -> None:
    write(file.with_name("two.safetensors"), 1)
    with paused(worker(client)):
        loading = load(client, "two")
        until(lambda: service(client).engine._loading.locked())
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["models"]) == (200, ["one"])
    loading.result()
    assert client.get("/readyz").json()["models"] == ["one", "two"]


def test_24_going_down_is_not_ready_and_alive(client: TestClient) -> None:
    service(client).accepting = False
    codes = [client.get(path).status_code for path in ("/readyz", "/healthz")]
    service(client).accepting = True
    assert codes == [503, 200]


MANY = {"model": "one", "seed": 1, "n": 40, "format": "npy"}


@LINUX
@pytest.mark.parametrize("end", ["removed", "replaced"])
def test_25_requests_to_a_version_that_is_gone_finish(
    client: TestClient, file: Path, end: str
) -> None:
    """Of twenty batches one was under way when the model's file went."""
    expected = client.post("/generate", json=MANY)
    with ThreadPoolExecutor(1) as pool:
        with paused(worker(client)):
            asked = pool.submit(client.post, "/generate", json=MANY)
            until(lambda: service(client).engine.batcher.waiting > 0)
            if end == "removed":
                file.unlink()
                look(client, 2)
                gc.collect()
                assert image(client).status_code == 404
            else:
                digest = write(file, 7)
                loading = load(client, "one")
                until(lambda: service(client).keeper._turn.locked())
        answer = asked.result()
        assert (answer.status_code, answer.content) == (200, expected.content)
        assert answer.headers["x-model-digest"] == expected.headers["x-model-digest"]
    if end == "replaced":
        loading.result()
        assert image(client).headers["x-model-digest"] == digest
