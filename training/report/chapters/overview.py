"""Overview: every variant in one picture, a row each."""

from collections.abc import Iterator, Sequence

import numpy as np

from training.report.chapter import Chapter
from training.report.drawn import of_seeds, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, as_pixels, from_image, labelled_rows

COLUMNS = 20


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    seeds = np.arange(COLUMNS)
    rows = [
        (one.model.entry.variant, as_pixels(of_seeds(one.generator, seeds, COLUMNS)))
        for one in shown(models)
    ]
    if rows:
        alt = f"{COLUMNS} samples of each of {', '.join(name for name, _ in rows)}"
        yield from_image("overview", "", alt, labelled_rows(rows))


CHAPTER = Chapter(
    place=1,
    title="All variants side by side",
    about=f"What each makes of the seeds 0 to {COLUMNS - 1}; of the variants that take classes, "
    "each class in its turn. Nothing is chosen by hand.",
    draw=draw,
    wide=True,
)
