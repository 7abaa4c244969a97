from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from models.errors import UserError
from models.networks import Generator
from tests.training.evaluate.puppets import LATENT, drawn_always, examples
from training.data import DataSet
from training.evaluate import (
    Reference,
    TrainedClassifier,
    classifier_file,
    in_domain_distance,
    save_classifier,
)
from training.evaluate.distances import fid
from training.evaluate.in_domain import in_domain

CPU = torch.device("cpu")


class Replay(Generator):
    """Shows one of the images that it is given, which z chooses; `dropout` shows up in training."""

    def __init__(self, images: Tensor) -> None:
        super().__init__(latent=LATENT, classes=0, embedding=0, codes=None)
        self.images = nn.Parameter(images / 127.5 - 1)
        self.dropout = nn.Dropout(0.9)

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        even = torch.special.ndtr(z[:, 0].double())
        return self.dropout(self.images[(even * len(self.images)).long()])


@pytest.fixture(scope="module")
def reference(digits: DataSet, trained: TrainedClassifier) -> Reference:
    return Reference.of(digits, CPU, in_domain(trained, CPU))


def test_it_ranks_generators(
    reference: Reference, digits: DataSet, trained: TrainedClassifier, tmp_path: Path
) -> None:
    one = drawn_always(tmp_path / "one.safetensors", examples(digits, trained)[0])
    assert digits.labels is not None
    half = digits.images[digits.labels < 5]
    best, middle, worst = (
        in_domain_distance(generator, reference, 1_000)
        for generator in (Replay(digits.images), Replay(half), one.generator)
    )
    assert 0 <= best < 0.1 * middle < 0.1 * worst


def test_it_is_the_frechet_distance_of_what_is_seen(
    digits: DataSet, trained: TrainedClassifier, reference: Reference
) -> None:
    view = in_domain(trained, CPU)
    generator = Replay(digits.images[:50])
    shown = view.look(digits.images[:50]).features.mean(0)
    all_ = view.look(digits.images).features
    found = in_domain_distance(generator, reference, 2_000)
    assert found >= float((shown - all_.mean(0)).square().sum()) * 0.5
    assert found == pytest.approx(fid(all_, view.look(digits.images[:50]).features), rel=0.2)


def test_the_same_generator_is_as_far_every_time_and_keeps_its_mode(
    reference: Reference, digits: DataSet
) -> None:
    generator = Replay(digits.images).train()
    before = torch.get_rng_state()
    first = in_domain_distance(generator, reference, 500)
    in_domain_distance(Replay(digits.images[:3]), reference, 500)
    assert in_domain_distance(generator, reference, 500) == first
    assert generator.training
    assert torch.equal(torch.get_rng_state(), before)


def test_the_bundled_classifier_is_the_default(
    digits: DataSet, trained: TrainedClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier_file, "BUNDLED", tmp_path)
    with pytest.raises(UserError, match="no classifier for 'digits'"):
        Reference.of(digits, CPU)
    save_classifier(classifier_file.default_path("digits"), trained)
    assert "digits classifier" in Reference.of(digits, CPU).view.about


def test_data_of_another_size_is_refused(digits: DataSet, trained: TrainedClassifier) -> None:
    large = replace(digits, images=digits.images.repeat(1, 1, 2, 2))
    with pytest.raises(UserError, match=r"digits is \(1, 16, 16\).*takes \(1, 8, 8\)"):
        Reference.of(large, CPU, in_domain(trained, CPU))
