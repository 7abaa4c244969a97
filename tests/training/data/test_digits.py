import subprocess
import sys

import numpy as np
import pytest
import torch

from training.data import digits, load

WITHOUT = """
import sys
from training.data import DataError, load
assert "sklearn" not in sys.modules  # it is slow to import, and few need it
sys.modules["sklearn"] = None  # what an import finds when a package is not installed
try:
    load("digits")
except DataError as error:
    print(error)
"""


def test_the_splits_are_a_partition_of_all_digits() -> None:
    train, test = digits.places("train", 1797), digits.places("test", 1797)
    assert (len(train), len(test)) == (1438, 359)
    assert sorted([*train, *test]) == list(range(1797))


def test_the_split_is_the_same_in_every_version() -> None:
    assert digits.places("test", 1797)[:6].tolist() == [0, 5, 10, 13, 18, 26]


def test_both_splits_have_every_class_in_a_fair_share() -> None:
    for split in ("train", "test"):
        labels = load("digits", split=split).labels
        assert labels is not None
        share = labels.bincount() / len(labels)
        assert len(share) == 10
        assert 0.07 < share.min() < share.max() < 0.13


def test_ink_becomes_levels_and_labels_belong() -> None:
    from sklearn.datasets import load_digits  # has no types

    found = load_digits()
    data = load("digits", split="test", size=8)
    place = digits.places("test", 1797)
    assert data.labels is not None
    assert torch.equal(data.labels, torch.from_numpy(found.target[place]))
    assert np.abs(data.images[:, 0].numpy() - found.images[place] * 255 / 16).max() <= 0.5
    assert [data.images.min().item(), data.images.max().item()] == [0, 255]


@pytest.mark.parametrize(("size", "expected"), [(None, 16), (28, 28), (8, 8)])
def test_the_size_is_sixteen_unless_another_is_wanted(size: int | None, expected: int) -> None:
    data = load("digits", size=size)
    assert data.images.shape == (1438, 1, expected, expected)
    assert data.class_names == tuple("0123456789")


def test_without_scikit_learn_the_extra_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    assert "pip install 'ganforge[train]'" in done.stdout
