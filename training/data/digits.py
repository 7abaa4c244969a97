"""Digits: scikit-learn's 1,797 handwritten digits, which need no download."""

from pathlib import Path

import numpy as np
import torch

from training.data.dataset import DataError, Raw

# The data counts how many of 16 dots of a cell are inked.
INK = 16
# One image in five is kept for the test.
TEST_PART = 5
# Knuth's multiplicative hash: the digits come in the order 0 to 9, so taking every fifth would
# keep two classes only.
SPREAD = 2654435761


def read(split: str, root: Path | None) -> Raw:
    """Read the digits: images (N, 1, 8, 8); `root` is not needed, they come with the package."""
    images, labels = bunch()
    chosen = places(split, len(images))
    pixels = np.round(images[chosen] * (255 / INK)).astype(np.uint8)
    return Raw(
        images=torch.from_numpy(pixels).unsqueeze(1),
        labels=torch.from_numpy(labels[chosen].astype(np.int64)),
        class_names=tuple("0123456789"),
    )


def bunch() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's images (1797, 8, 8) and labels (1797,)."""
    try:
        from sklearn.datasets import load_digits  # has no types
    except ModuleNotFoundError as error:
        raise DataError(
            f"the digits come with scikit-learn, which is not installed ({error}): "
            "pip install 'ganforge[train]'"
        ) from error
    found = load_digits()
    return found.images, found.target


def places(split: str, count: int) -> np.ndarray:
    """Return which images a split has, in their own order: a fixed fifth is the test."""
    rank = np.argsort(np.arange(count, dtype=np.uint64) * SPREAD % 2**32)
    cut = count // TEST_PART
    return np.sort(rank[:cut] if split == "test" else rank[cut:])
