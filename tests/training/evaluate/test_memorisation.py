from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from training.data import DataSet
from training.evaluate import memorisation as module
from training.evaluate import nearest
from training.evaluate.memorisation import memorisation, probability_below
from training.evaluate.real import Real


@pytest.fixture(scope="module")
def real(digits: DataSet, test_digits: DataSet) -> Real:
    return Real(train=digits, test=test_digits)


def bent(images: Tensor, by: int) -> Tensor:
    """Change every pixel by so many levels at most: (N, C, S, S) to the same."""
    random = torch.Generator().manual_seed(0)
    moves = torch.randint(-by, by + 1, images.shape, generator=random)
    return (images.int() + moves).clamp(0, 255).to(torch.uint8)


def test_a_replay_of_training_images_is_found(real: Real) -> None:
    found = memorisation(bent(real.train.images[:200], 3), real)
    assert found["copied"].value == 1
    assert found["nearer"].value > 0.99


def test_a_few_replays_among_new_images_are_found(real: Real) -> None:
    mixed = torch.cat([real.test.images, real.train.images[:40]])
    found = memorisation(mixed, real)
    assert found["copied"].value == pytest.approx(40 / len(mixed) + 0.01, abs=0.005)


def test_new_images_of_the_same_kind_are_not_taken_for_copies(real: Real) -> None:
    half = len(real.test) // 2
    unseen = replace(real.test, images=real.test.images[half:], labels=None, class_names=())
    found = memorisation(real.test.images[:half], Real(train=real.train, test=unseen))
    assert found["copied"].value < 0.05
    assert 0.4 < found["nearer"].value < 0.6


def test_the_floor_is_of_the_test_images(real: Real) -> None:
    found = memorisation(real.train.images[:10], real)
    assert found["copied"].floor == pytest.approx(0.01, abs=0.003)
    assert found["nearer"].floor == 0.5
    assert "nearest of 1438 training images" in found["copied"].protocol
    assert "10 samples and 359 real test images" in found["nearer"].protocol


def levels(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2)


@pytest.mark.parametrize("chunk", [2, 3, 100])
def test_nearest_by_hand(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    training = DataSet(name="greys", images=levels(0, 255, 102, 51, 204), digest="d")
    found = nearest(levels(255, 60), training, count=3)
    assert found.places.tolist() == [[1, 4, 2], [3, 2, 0]]
    expected = np.array([[0, 51, 153], [9, 42, 60]]) / 255 * 2  # four pixels alike
    np.testing.assert_allclose(found.distances, expected, atol=1e-6)


def test_probability_below_counts_pairs_and_halves_ties() -> None:
    a, b = np.array([1, 3, 9], np.float32), np.array([3, 4], np.float32)
    assert probability_below(a, b) == (2 + 1.5 + 0) / 6
    assert probability_below(b, a) == pytest.approx(1 - probability_below(a, b))
