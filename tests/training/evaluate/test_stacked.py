import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.checkpoint import Checkpoint
from models.networks import Generator
from tests.training.evaluate.puppets import LATENT, drawn_always, examples
from training.data import DataSet, idx, load, source
from training.data import stacked as data
from training.data.dataset import Raw
from training.evaluate import TrainedClassifier, stacked
from training.evaluate.protocols import protocol
from training.evaluate.real import Real
from training.evaluate.stacked import channelwise, kl_to_uniform, modes
from training.evaluate.subject import gather, look


class Stacker(Generator):
    """Shows in each channel one of the first `kinds` digits, which z chooses evenly."""

    def __init__(self, digits: Tensor, kinds: int) -> None:
        super().__init__(latent=LATENT, classes=0, embedding=0, codes=None)
        self.digits = nn.Parameter(digits[:, 0] / 127.5 - 1)  # (10, S, S)
        self.kinds = kinds

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        even = torch.special.ndtr(z[:, :3].double())  # (B, 3) in (0, 1)
        return self.digits[(even * self.kinds).long()]


@pytest.fixture(scope="module")
def shown(digits: DataSet, trained: TrainedClassifier) -> Tensor:
    return examples(digits, trained)


@pytest.fixture(scope="module")
def real(shown: Tensor) -> Real:
    """Every mode of the examples three times."""
    places = torch.cartesian_prod(*[torch.arange(10)] * 3).repeat(3, 1)
    whole = DataSet(name="stacked_mnist", images=shown[:, 0][places], digest="d")
    return Real(train=whole, test=whole)


def stacker(tmp_path: Path, shown: Tensor, kinds: int) -> Checkpoint:
    model = drawn_always(tmp_path / "s.safetensors", shown[0].repeat(3, 1, 1))
    return replace(model, generator=Stacker(shown, kinds))


@pytest.mark.parametrize(
    ("kinds", "found", "samples"), [(10, 1000, 26_000), (5, 125, 3_000), (1, 1, 300)]
)
def test_modes_of_a_generator_that_knows_some_digits(
    tmp_path: Path,
    shown: Tensor,
    real: Real,
    trained: TrainedClassifier,
    monkeypatch: pytest.MonkeyPatch,
    kinds: int,
    found: int,
    samples: int,
) -> None:
    monkeypatch.setattr(stacked, "SAMPLES", samples)
    view = channelwise(trained, torch.device("cpu"))
    subject = gather(stacker(tmp_path, shown, kinds), view, real, 50)
    metrics = modes(subject, look(view, subject.sets)).metrics
    assert metrics["modes"].value == found
    # The histogram of n draws over k modes is (k - 1) / (2 n) from even, by chance alone.
    chance = (found - 1) / (2 * samples)
    assert metrics["modes_kl"].value == pytest.approx(math.log(1000 / found) + chance, abs=0.005)
    assert f"{samples} samples of the seeds 0 to {samples - 1}" in metrics["modes"].protocol


def test_the_floor_of_modes_is_what_real_images_reach(
    tmp_path: Path, shown: Tensor, real: Real, trained: TrainedClassifier
) -> None:
    view = channelwise(trained, torch.device("cpu"))
    fewer = Real(train=real.train, test=replace(real.test, images=real.test.images[:1000]))
    subject = gather(stacker(tmp_path, shown, 1), view, fewer, 50)
    metrics = modes(subject, look(view, subject.sets)).metrics
    assert metrics["modes"].floor == 1000
    assert metrics["modes_kl"].floor == pytest.approx(0)
    assert "floor: 1000 real test images" in metrics["modes"].protocol


def test_samples_that_were_looked_at_are_not_drawn_again(
    tmp_path: Path,
    shown: Tensor,
    real: Real,
    trained: TrainedClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stacked, "SAMPLES", 300)
    view = channelwise(trained, torch.device("cpu"))
    model = stacker(tmp_path, shown, 4)
    whole, half = (gather(model, view, real, count) for count in (300, 150))
    both = [modes(subject, look(view, subject.sets)).metrics for subject in (whole, half)]
    assert both[0] == both[1]


def test_a_mode_is_its_three_digits(shown: Tensor, trained: TrainedClassifier) -> None:
    view = channelwise(trained, torch.device("cpu"))
    seen = view.look(shown[[7, 0, 4], 0][None]).classes()
    assert view.class_names[int(seen)] == "7-0-4"
    assert view.look(shown[[7, 0, 4], 0][None]).features.shape == (1, 3 * 96)


def test_kl_by_hand() -> None:
    assert kl_to_uniform(np.array([0, 1, 2, 3]), 4) == 0
    assert kl_to_uniform(np.array([2, 2, 2]), 4) == pytest.approx(math.log(4))
    p = 0.75 * math.log(0.75 * 4) + 0.25 * math.log(0.25 * 4)
    assert kl_to_uniform(np.array([0, 0, 0, 3]), 4) == pytest.approx(p)


def test_stacked_mnist_is_judged_by_the_digits_of_mnist() -> None:
    how = protocol("stacked_mnist")
    assert (how.borrowed, how.view, how.classes) == ("mnist", channelwise, modes)
    assert protocol("mnist").borrowed is None


@pytest.fixture
def levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand 250 grey images, each of a level of its own, in for MNIST."""
    grey = torch.arange(250, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 28, 28)
    monkeypatch.setattr(idx, "read_mnist", lambda split, root: Raw(images=grey))


@pytest.mark.usefixtures("levels")
def test_channels_are_drawn_evenly_and_apart() -> None:
    raw = data.read("train", None)
    assert raw.images.shape == (60_000, 3, 28, 28)
    assert raw.labels is None
    drawn = raw.images[:, :, 0, 0].numpy()
    counts = np.bincount(drawn.ravel(), minlength=250)
    assert counts.min() > 720 * 0.8
    assert counts.max() < 720 * 1.2
    apart = np.corrcoef(drawn.T.astype(float))[np.triu_indices(3, 1)]
    assert np.abs(apart).max() < 0.02


@pytest.mark.usefixtures("levels")
def test_the_stack_is_the_same_every_time() -> None:
    first, again = (data.read("test", None).images for _ in range(2))
    assert torch.equal(first, again)
    assert first[:2, :, 0, 0].tolist() == [[63, 27, 223], [101, 100, 149]]


@pytest.mark.skipif(source.VARIABLE not in os.environ, reason=f"{source.VARIABLE} is not set")
def test_real_stacks_are_made_of_the_digits_of_their_split() -> None:
    found = load("stacked_mnist", split="test")
    digits = {image.numpy().tobytes() for image in load("mnist", split="test").images}
    assert (found.name, len(found), found.channels, found.classes) == (
        "stacked_mnist",
        26_000,
        3,
        0,
    )
    assert {channel.numpy().tobytes() for channel in found.images[:100].flatten(0, 1)} <= digits
