"""Our variants beside another collection's: what either is given, and how both are judged."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from bench import collection, theirs
from models import device as devices
from training import variants
from training.data import DataSet, load
from training.evaluate.classifier_file import bundled
from training.evaluate.in_domain import in_domain


def test_every_name_is_a_variant_of_ours_that_takes_its_settings() -> None:
    for one in collection.OURS.values():
        variants.find(one.variant).Hyper(**{**collection.HYPER, **one.hyper})


def test_what_its_modules_import_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", theirs.stand_in("torchvision"))
    from torchvision import datasets, transforms  # type: ignore[import-not-found]

    assert (datasets, transforms) == (None, None)


def test_its_loader_gives_every_image_with_its_label_once_an_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digits = load("digits")
    assert digits.labels is not None

    def some(name: str, size: int) -> DataSet:
        return load("digits", size=size)

    monkeypatch.setattr(theirs, "load", some)
    pairs = [pair for images, labels in theirs.batches("mnist", 16, 64)
             for pair in zip(images, labels.tolist(), strict=True)]  # fmt: skip
    assert min(image.min() for image, _ in pairs) == -1
    assert max(image.max() for image, _ in pairs) == 1
    given = sorted((label, ((image + 1) * 127.5).round().byte().numpy().tobytes())
                   for image, label in pairs)  # fmt: skip
    kept = zip(digits.labels.tolist(), digits.images, strict=True)
    assert given == sorted((label, image.numpy().tobytes()) for label, image in kept)


class Recorder(nn.Module):
    """A generator of grey images that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[Tensor, ...]] = []

    def forward(self, *inputs: Tensor) -> Tensor:
        """Make (N, 1, 28, 28), and note whether it is in training."""
        self.given.append(inputs)
        return torch.full((len(inputs[0]), 1, 28, 28), 1.0 if self.training else 0.0)


@pytest.mark.parametrize(
    ("name", "widths"), [("GAN", [62]), ("ACGAN", [62, 10]), ("infoGAN", [62, 2, 10])]
)
def test_its_generator_is_given_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, widths: list[int]
) -> None:
    monkeypatch.setattr(theirs, "SAMPLES", 40)
    monkeypatch.setattr(theirs, "BATCH", 25)
    generator = Recorder()
    trainer = SimpleNamespace(G=generator, z_dim=62, model_name=name, len_continuous_code=2)
    images = theirs.images(trainer)
    assert (images.shape, images.dtype) == ((40, 1, 28, 28), torch.uint8)
    assert set(images.unique().tolist()) == {128}, "as it is used, not as it learns"
    inputs = [torch.cat(parts) for parts in zip(*generator.given, strict=True)]
    assert [one.shape[1] for one in inputs] == widths
    assert 0 <= inputs[0].min() < 0.1 < 0.9 < inputs[0].max() <= 1
    if len(inputs) > 1:
        assert inputs[-1].argmax(1).tolist() == [number % 10 for number in range(40)]


def test_images_are_judged_by_their_distance_and_their_class() -> None:
    view = in_domain(bundled("mnist"), devices.choose("cpu"))
    random = np.random.default_rng(0)
    blurs = torch.from_numpy(random.integers(0, 256, (400, 1, 28, 28), np.uint8))
    look = view.look(blurs)
    same = collection.judge(blurs, view, look.features)
    other = collection.judge(blurs // 4, view, look.features)
    assert same is not None
    assert other is not None
    assert same.fid < 1e-3 < other.fid
    right = [int(seen) == number % 10 for number, seen in enumerate(look.classes())]
    assert same.agreement == pytest.approx(sum(right) / 400)
    assert collection.judge(None, view, look.features) is None


@pytest.mark.parametrize(
    ("name", "theirs", "line"),
    [
        ("ACGAN", (0.04, 0.997),
         ("ACGAN", "0.040", "0.020", "4.00x", "2.00x", "99.70%", "99.90%")),
        ("GAN", (0.04, 0.1), ("GAN", "0.040", "0.020", "4.00x", "2.00x", "-", "-")),
        ("DRAGAN", None, ("DRAGAN", "does not run", "0.020", "-", "2.00x", "-", "-")),
    ],
)  # fmt: skip
def test_a_row_says_both_and_how_often_the_floor_goes_into_them(
    name: str, theirs: Any, line: tuple[str, ...]
) -> None:
    score = None if theirs is None else collection.Score(*theirs)
    assert collection.row(name, score, collection.Score(0.02, 0.999), 0.01) == line
