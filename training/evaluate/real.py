"""Real: the images that a model's are held against, those that it learnt from and those unseen."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.card import Image
from training.data import DataError, DataSet, load

TEST_IMAGES = 10_000
SMALLEST = 10  # five nearest neighbours, and as many that are not


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Images (N, C, S, S) uint8, and their labels (N,) int64 where there are any."""

    pixels: Tensor
    labels: Tensor | None = None

    def __len__(self) -> int:
        return len(self.pixels)


@dataclass(frozen=True, kw_only=True, eq=False)
class Real:
    """The two splits of the data."""

    train: DataSet
    test: DataSet


def load_real(data: str, image: Image, root: Path | None) -> Real:
    """Load both splits in the shape of a model's images. Raises DataError."""
    train, test = (
        load(data, split=split, size=image.height, channels=image.channels, root=root)
        for split in ("train", "test")
    )
    for part in (train, test):
        if len(part) < SMALLEST:
            raise DataError(
                f"{part.name} has a split of {len(part)} images; expected {SMALLEST} or more in "
                "each of train and test: bring more images"
            )
    return Real(train=train, test=test)


def part(data: DataSet, count: int) -> Images:
    """Choose images of a data set, the same ones each time; all of them where there are no more."""
    if count >= len(data):
        return Images(pixels=data.images, labels=data.labels)
    random = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(data), generator=random)[:count].sort().values
    labels = None if data.labels is None else data.labels[chosen]
    return Images(pixels=data.images[chosen], labels=labels)
