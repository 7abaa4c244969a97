"""One small zoo and its report, made once."""

import json
from pathlib import Path

import pytest

from tests.training.report import small
from training.report.build import build
from training.zoo.contest import Result, Rules
from training.zoo.results import Results

POINTS = ((0.0, 0.1), (2.0, 0.0), (1.0, 1.0))


def modes() -> Results:
    """Results of a contest of two variants, of which one failed on one mixture."""
    results = [
        Result(variant="gan", mixture="ring-8", seed=0, found=7, quality=0.5, kl=0.25,
               seconds=3.0, points=POINTS),
        Result(variant="gan", mixture="ring-8", seed=1, found=8, quality=0.7, kl=0.15,
               seconds=5.0, points=POINTS),
        Result(variant="lsgan", mixture="ring-8", seed=0, seconds=1.0, failure="it diverged"),
        Result(variant="gan", mixture="grid-25", seed=0, found=25, quality=1.0, kl=0.0,
               seconds=3.0, points=POINTS),
    ]  # fmt: skip
    return Results(rules=Rules(steps=10, batch=20), results=tuple(results))


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the run folders."""
    folder = tmp_path_factory.mktemp("small-zoo")
    small.zoo(folder)
    return folder


@pytest.fixture(scope="session")
def report(zoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the report, with the results of a contest in it."""
    folder = tmp_path_factory.mktemp("report")
    modes().save(folder / "modes.json")
    assert json.loads((folder / "modes.json").read_text())["results"]
    build(zoo, folder, data_root=None)
    return folder
