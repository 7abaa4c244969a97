"""Codes: what each code of a generator that has some does to a picture."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.card import Codes
from models.networks import Generator
from training.report.chapter import Chapter
from training.report.drawn import of_latents, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, from_images

ROWS = 6
FURTHEST = 2.0  # Chen et al. 2016, Figure 2: trained on [-1, 1], shown from -2 to 2
STEPS = 11

Floats = npt.NDArray[np.float32]


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for one in shown(models):
        codes = one.weights.card.codes
        if codes is None:
            continue
        for name, rows, columns in sweeps(codes):
            z = latents(one.generator, rows, columns)
            images = of_latents(one.generator, z.reshape(-1, z.shape[-1]), None)
            title = f"{one.name}: {name}"
            alt = f"Samples of {one.name}, {name} along the columns"
            file = f"codes-{one.name}-{name.split(',')[0].replace(' ', '-')}"
            yield from_images(file, title, alt, images, z.shape[1])


def sweeps(codes: Codes) -> Iterator[tuple[str, Floats, Floats]]:
    """Name each code, with the codes of the rows (r, width), and what columns add (c, width)."""
    still = np.zeros((1, codes.width), np.float32)
    for place, count in enumerate(codes.categorical):
        first = sum(codes.categorical[:place])
        others = [s for i, s in enumerate(starts(codes)) if i != place]
        columns = np.zeros((count, codes.width), np.float32)
        columns[:, first : first + count] = np.eye(count)
        columns[:, others] = 1
        yield f"categorical code {place + 1}", still.repeat(ROWS, 0), columns
    for place in range(codes.continuous):
        columns = np.zeros((STEPS, codes.width), np.float32)
        columns[:, sum(codes.categorical) + place] = np.linspace(-FURTHEST, FURTHEST, STEPS)
        name = f"continuous code {place + 1}, from {-FURTHEST:g} to {FURTHEST:g}"
        yield name, some_of_each(codes), columns


def starts(codes: Codes) -> list[int]:
    """Say where each categorical code begins."""
    return [sum(codes.categorical[:place]) for place in range(len(codes.categorical))]


def some_of_each(codes: Codes) -> Floats:
    """Give each row another value of the first categorical code: (ROWS, width)."""
    rows = np.zeros((ROWS, codes.width), np.float32)
    for place, start in enumerate(starts(codes)):
        values = np.arange(ROWS) % codes.categorical[place] if place == 0 else np.zeros(ROWS, int)
        rows[np.arange(ROWS), start + values] = 1
    return rows


def latents(generator: Generator, rows: Floats, columns: Floats) -> Floats:
    """Put the codes behind one z a row: (r, c, latent + codes)."""
    z = generator.latents(np.arange(len(rows)))[:, : generator.latent]
    codes = rows[:, None] + columns[None]  # (r, c, width)
    whole = z[:, None].repeat(len(columns), 1)
    return np.concatenate([whole, codes], axis=2)


CHAPTER = Chapter(
    place=5,
    title="What the codes mean",
    about="Of models whose generator is given codes: one code changes along the columns, the "
    "rest of the latent is one for the whole row. Nobody told the model what to use them for.",
    draw=draw,
)
