"""An image that its worker dies of, among others that do not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings

SICK = Path(__file__).with_name("sick")
BATCH = 4
POISON = 5


@pytest.fixture
def client(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("SICK", str(tmp_path))
    monkeypatch.syspath_prepend(SICK)
    settings = Settings(models=(folder,), device="cpu", max_batch=BATCH, poll_seconds=0)
    with TestClient(create_app(settings)) as client:
        yield client


def test_20_who_waits_beside_what_kills_the_worker_is_served(
    client: TestClient, tmp_path: Path
) -> None:
    """Three full batches wait, one with the poison, and the next is sent while it is computed."""

    def ask(seed: int) -> tuple[int, bytes]:
        answer = client.post("/generate", json={"model": "plain", "seed": seed})
        return answer.status_code, answer.content

    seeds = range(3 * BATCH)
    healthy = [ask(seed) for seed in seeds]
    (tmp_path / "poison").write_text(str(POISON))
    with ThreadPoolExecutor(len(seeds)) as pool:
        found = list(pool.map(ask, seeds))
    assert [seed for seed in seeds if found[seed] != healthy[seed]] == [POISON]
    assert found[POISON][0] == 503
    (tmp_path / "poison").unlink()
    assert ask(POISON) == healthy[POISON]
