"""Neighbours: the training images that are nearest to samples."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from training.data import DataSet
from training.evaluate.memorisation import nearest
from training.report.chapter import Chapter
from training.report.drawn import of_seeds, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, from_images

COLUMNS = 12
NEAREST = 3


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for one in shown(models):
        data = material.split(one.model.entry.data, one.weights.card.image, "train")
        if data is None:
            continue
        samples = of_seeds(one.generator, np.arange(COLUMNS), COLUMNS)
        images = torch.cat([samples, neighbours(samples, data)])
        alt = f"Samples of {one.name} and, below each, the {NEAREST} nearest training images"
        yield from_images(f"neighbours-{one.name}", one.name, alt, images, COLUMNS)


def neighbours(samples: Tensor, data: DataSet) -> Tensor:
    """Find the nearest training images, the nearest in the first row: (NEAREST * n, C, S, S)."""
    places = nearest(samples, data, NEAREST).places  # (n, NEAREST)
    return data.images[torch.from_numpy(places.T.reshape(-1).copy())]


CHAPTER = Chapter(
    place=8,
    title="Nearest training images",
    about=f"Samples in the first row, and below each the {NEAREST} training images nearest to it, "
    "by pixels. A sample that equals what is below it was copied.",
    draw=draw,
)
