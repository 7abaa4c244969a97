"""The best snapshot: kept whole, beaten only by a better one, and remembered over a kill."""

from pathlib import Path
from typing import Any

import pytest

from models import checkpoint
from tests.training.zoo.conftest import Begin
from training import run
from training.zoo import best
from training.zoo.best import Best, Distances

REFERENCE: Any = None  # what it is does not matter to a distance that the test gives


@pytest.fixture
def distances(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Decide, in a test, what the next snapshots' distances are."""
    coming: list[float] = []

    def following(*_: Any) -> float:
        return coming.pop(0)

    monkeypatch.setattr(best, "in_domain_distance", following)
    return coming


def quiet(work: run.Run, seen: Distances) -> None:
    """Say nothing."""


def kept_step(folder: Path) -> int:
    return checkpoint.describe(folder / best.FILE).training.steps


def execute(work: run.Run) -> None:
    run.execute(work, lambda done, terms: None, Best(reference=REFERENCE, told=quiet))


def test_the_nearest_snapshot_is_kept_and_the_last_is_another(
    begin: Begin, distances: list[float], tmp_path: Path
) -> None:
    distances += [9.0, 4.0, 7.0, 4.0]
    execute(begin(tmp_path, steps=8))
    assert kept_step(tmp_path) == 4  # the first of two that are alike
    assert best.read(tmp_path) == {2: 9.0, 4: 4.0, 6: 7.0, 8: 4.0}
    assert checkpoint.describe(tmp_path / "small.safetensors").training.steps == 8
    assert checkpoint.load(tmp_path / best.FILE).discriminator is not None


def test_a_resumed_run_has_to_beat_what_was_before(
    begin: Begin, distances: list[float], tmp_path: Path
) -> None:
    distances += [9.0, 4.0]
    execute(begin(tmp_path, steps=4))
    distances += [5.0, 3.0]
    execute(begin(tmp_path, steps=8, resume=True))
    assert kept_step(tmp_path) == 8
    assert best.read(tmp_path) == {2: 9.0, 4: 4.0, 6: 5.0, 8: 3.0}


def test_a_kill_before_the_distance_is_noted_is_made_up_for(
    begin: Begin, distances: list[float], tmp_path: Path
) -> None:
    distances += [9.0, 4.0]
    execute(begin(tmp_path, steps=4))
    whole = (tmp_path / best.FILE).read_bytes()
    (tmp_path / best.DISTANCES).write_text('{"2": 9.0}')
    distances += [4.0]
    work = begin(tmp_path, steps=8, resume=True)
    Best(reference=REFERENCE, told=quiet)(work)
    assert best.read(tmp_path) == {2: 9.0, 4: 4.0}
    assert (tmp_path / best.FILE).read_bytes() == whole


def test_a_step_is_measured_once(begin: Begin, distances: list[float], tmp_path: Path) -> None:
    distances += [9.0, 4.0]
    execute(begin(tmp_path, steps=4))
    work = begin(tmp_path, steps=4, resume=True)
    Best(reference=REFERENCE, told=quiet)(work)  # would find no distance left
    assert best.read(tmp_path) == {2: 9.0, 4: 4.0}


def test_it_is_told_of_every_snapshot(begin: Begin, distances: list[float], tmp_path: Path) -> None:
    distances += [9.0, 4.0]
    told: list[Distances] = []
    keep = Best(reference=REFERENCE, told=lambda work, seen: told.append(seen))
    run.execute(begin(tmp_path, steps=4), lambda done, terms: None, keep)
    assert told == [{2: 9.0}, {2: 9.0, 4: 4.0}]


def test_a_failed_write_leaves_the_best_before_it(
    begin: Begin, distances: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    distances += [9.0, 4.0]
    saves = iter([checkpoint.save])
    monkeypatch.setattr(checkpoint, "save", lambda *arguments: next(saves)(*arguments))
    with pytest.raises(StopIteration):
        execute(begin(tmp_path, steps=4))
    assert kept_step(tmp_path) == 2
    assert best.read(tmp_path) == {2: 9.0}
