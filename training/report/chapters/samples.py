"""Samples: a grid of each model."""

from collections.abc import Iterator, Sequence

import numpy as np

from training.report.chapter import Chapter
from training.report.drawn import of_seeds, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, from_images
from training.samples import COLUMNS, ROWS

SEEDS = np.arange(ROWS * COLUMNS)


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for one in shown(models):
        images = of_seeds(one.generator, SEEDS, COLUMNS)
        alt = f"{len(SEEDS)} samples of {one.name}"
        yield from_images(f"samples-{one.name}", one.name, alt, images, COLUMNS)


CHAPTER = Chapter(
    place=3,
    title="Samples",
    about=f"The seeds 0 to {len(SEEDS) - 1}, of the best checkpoint; one class a column where the "
    "variant takes classes.",
    draw=draw,
)
