from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from models import latents
from models.errors import UserError
from tests.training.evaluate.puppets import drawn_always, drawn_by_class, examples
from training.data import DataSet
from training.evaluate import TrainedClassifier, measure
from training.evaluate.judge import agreeing, class_shares
from training.evaluate.served import BATCH

NAMES = tuple("0123456789")


@pytest.fixture(scope="session")
def images(digits: DataSet, trained: TrainedClassifier) -> Tensor:
    return examples(digits, trained)


def test_a_model_that_draws_what_is_asked_agrees_always(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    model = drawn_by_class(tmp_path / "right.safetensors", images, NAMES)
    assert measure(model, trained, 30).metrics["agreement"].value == 1


def test_a_model_that_draws_the_next_class_agrees_never(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    model = drawn_by_class(tmp_path / "wrong.safetensors", images.roll(1, 0), NAMES)
    assert measure(model, trained, 30).metrics["agreement"].value == 0


def test_agreement_asks_for_each_class_equally_often_over_batches(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    swapped = images[[1, 0, *range(2, 10)]]
    model = drawn_by_class(tmp_path / "swapped.safetensors", swapped, NAMES)
    assert measure(model, trained, 2 * BATCH + 10).metrics["agreement"].value == 0.8


@pytest.mark.parametrize("shown", [0, 7])
def test_an_unconditional_model_that_draws_one_class_is_not_balanced(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier, shown: int
) -> None:
    model = drawn_always(tmp_path / "always.safetensors", images[shown])
    judgement = measure(model, trained, 20)
    assert judgement.metrics.keys() == {"least", "most"}
    assert judgement.metrics["least"].value == 0
    assert judgement.metrics["most"].value == 1
    assert judgement.shares == {name: float(name == str(shown)) for name in NAMES}


def test_balance_of_a_conditional_model_is_over_classes_drawn_from_the_seeds(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    model = drawn_by_class(tmp_path / "right.safetensors", images, NAMES)
    judgement = measure(model, trained, 40)
    drawn = np.bincount(latents.classes(np.arange(40), 10), minlength=10) / 40
    assert list(judgement.shares.values()) == drawn.tolist()
    assert judgement.metrics["least"].value == drawn.min()
    assert judgement.metrics["most"].value == drawn.max()
    assert drawn.min() < drawn.max()  # so that asking for each class in turn would differ


def test_class_shares_count_the_classes_that_are_never_seen() -> None:
    assert class_shares(np.array([2, 0, 2, 2]), 4) == [0.25, 0, 0.75, 0]


def test_protocols_tell_samples_seeds_and_how_far_to_believe_the_classifier(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    model = drawn_by_class(tmp_path / "right.safetensors", images, NAMES)
    metrics = measure(model, trained, 25).metrics
    for metric in metrics.values():
        assert "25 samples of the seeds 0 to 24" in metric.protocol
        assert f"the digits classifier ({trained.card.accuracy:.2%}" in metric.protocol
    assert "seed modulo 10" in metrics["agreement"].protocol
    assert "class drawn from the seed; 0.1 is even" in metrics["least"].protocol
    alone = drawn_always(tmp_path / "always.safetensors", images[0])
    assert "unconditional" in measure(alone, trained, 5).metrics["most"].protocol


def test_agreeing_needs_labels() -> None:
    seen = torch.tensor([3, 1, 1, 0])
    assert agreeing(seen, torch.tensor([3, 1, 2, 0])) == 0.75
    assert agreeing(seen, None) is None


def test_images_of_another_shape_are_refused(tmp_path: Path, trained: TrainedClassifier) -> None:
    larger = torch.zeros(1, 12, 12, dtype=torch.uint8)
    model = drawn_always(tmp_path / "large.safetensors", larger)
    with pytest.raises(UserError, match=r"makes images \(1, 12, 12\).*takes \(1, 8, 8\)"):
        measure(model, trained, 10)


def test_classes_that_the_classifier_does_not_know_are_refused(
    tmp_path: Path, images: Tensor, trained: TrainedClassifier
) -> None:
    model = drawn_by_class(tmp_path / "two.safetensors", images[:2], ("shoe", "hat"))
    with pytest.raises(UserError, match=r"puppet makes the classes shoe, hat.*knows 0, 1, 2"):
        measure(model, trained, 10)
