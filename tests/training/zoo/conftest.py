"""Small runs of the zoo, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training import run
from training.config import Config
from training.run import Run

SMALL = {
    "latent": 4,
    "generator_width": 4,
    "discriminator_width": 4,
    "generator_hidden": 8,
    "discriminator_hidden": 8,
}

Begin = Callable[..., Run]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Prepare a small run on the digits, that logs and saves every other step."""
    monkeypatch.setattr(run, "LOG_EVERY", 2)

    def prepare(folder: Path, *, steps: int, resume: bool = False) -> Run:
        config = Config(
            variant="gan", data="digits", batch=8, steps=steps, save_every=2, device="cpu",
            hyper=SMALL,
        )  # fmt: skip
        return run.prepare(config, folder, "small", resume=resume)

    return prepare
