from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from training.augmentation import Augmentation
from training.data import DataError, DataSet
from training.evaluate import Classifier, TrainedClassifier, train_classifier
from training.evaluate.fit import make_optimiser, one_cycle

STILL = Augmentation(shift=0)


def few(data: DataSet, count: int = 128) -> DataSet:
    assert data.labels is not None
    return replace(data, images=data.images[:count], labels=data.labels[:count])


def quick(data: DataSet, test: DataSet, **changed: Any) -> TrainedClassifier:
    options: dict[str, Any] = {
        "epochs": 2,
        "seed": 0,
        "device": torch.device("cpu"),
        "augmentation": STILL,
        "report": lambda epoch, loss: None,
    }
    return train_classifier(data, test, **(options | changed))


def head(trained: TrainedClassifier) -> Tensor:
    return trained.network.head.weight


def test_digits_are_learnt(trained: TrainedClassifier, digits: DataSet) -> None:
    assert trained.card.accuracy > 0.95
    assert trained.card.class_names == digits.class_names
    assert trained.card.data_digest == digits.digest
    assert trained.card.augmentation.degrees == 10
    assert trained.card.epochs == 8


def test_the_seed_decides_the_weights(digits: DataSet, test_digits: DataSet) -> None:
    first = quick(few(digits), test_digits)
    torch.randn(1)  # what the caller drew in between must not matter
    again = quick(few(digits), test_digits)
    other = quick(few(digits), test_digits, seed=1)
    assert torch.equal(head(first), head(again))
    assert not torch.equal(head(first), head(other))
    assert (first.card.seed, other.card.seed) == (0, 1)


def test_the_callers_random_numbers_are_left_alone(digits: DataSet, test_digits: DataSet) -> None:
    before = torch.get_rng_state()
    quick(few(digits), test_digits)
    assert torch.equal(torch.get_rng_state(), before)


def test_augmentation_reaches_the_training(digits: DataSet, test_digits: DataSet) -> None:
    still = quick(few(digits), test_digits)
    moved = quick(few(digits), test_digits, augmentation=Augmentation(shift=1))
    assert not torch.equal(head(still), head(moved))


def test_every_epoch_is_reported_with_its_own_mean_loss(
    digits: DataSet, test_digits: DataSet
) -> None:
    told: list[tuple[int, float]] = []
    quick(few(digits, 256), test_digits, epochs=6, report=lambda *report: told.append(report))
    assert [epoch for epoch, _ in told] == [1, 2, 3, 4, 5, 6]
    losses = [loss for _, loss in told]
    assert 2 < losses[0] < 3  # ten classes, nothing learnt yet: log 10
    assert losses[-1] < losses[0]


def test_data_without_labels_is_refused(digits: DataSet, test_digits: DataSet) -> None:
    unlabelled = replace(digits, labels=None, class_names=())
    with pytest.raises(DataError, match=r"digits has 0 classes.*labelled"):
        quick(unlabelled, test_digits)
    with pytest.raises(DataError, match="the same classes"):
        quick(digits, replace(test_digits, labels=None, class_names=()))


def test_splits_that_do_not_belong_together_are_refused(
    digits: DataSet, test_digits: DataSet
) -> None:
    with pytest.raises(DataError, match="the same classes"):
        quick(digits, replace(test_digits, class_names=tuple("abcdefghij")))
    with pytest.raises(DataError, match="the same classes and shape"):
        quick(digits, replace(test_digits, images=test_digits.images[..., :4, :4]))


@pytest.mark.parametrize("total", [1, 2, 3, 4, 5, 100])
def test_one_cycle_never_stops_nor_passes_its_peak(total: int) -> None:
    rates = [one_cycle(step, total) for step in range(total)]
    assert all(0 < rate <= 1 for rate in rates)


def test_one_cycle_climbs_for_a_quarter_and_ends_near_zero() -> None:
    rates = [one_cycle(step, 100) for step in range(100)]
    assert rates[25] == 1
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)
    assert rates[12] == pytest.approx(0.5)
    assert rates[63] == pytest.approx(0.5)
    assert rates[-1] < 0.002


def test_only_kernels_and_matrices_decay() -> None:
    network = Classifier(channels=1, size=8, classes=10)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    make_optimiser(network).step()
    shrunk = {n for n, p in network.named_parameters() if not torch.equal(p, before[n])}
    assert shrunk == {name for name, p in before.items() if p.ndim > 1}
