"""Walks: from one seed to another along the arc between their latents."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from models.networks import Generator
from training.report.chapter import Chapter
from training.report.drawn import of_latents, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, from_images

ROWS = 6
COLUMNS = 12

Floats = npt.NDArray[np.floating]


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for one in shown(models):
        images = walks(one.generator)
        alt = f"{ROWS} walks between samples of {one.name}"
        yield from_images(f"walks-{one.name}", one.name, alt, images, COLUMNS)


def walks(generator: Generator) -> Tensor:
    """Go from seed 2 r to seed 2 r + 1 in row r: (ROWS * COLUMNS, C, S, S) uint8.

    Only z moves: the class, or InfoGAN's codes, are one for the whole row.
    """
    ends = generator.latents(np.arange(2 * ROWS))
    start, end = ends[::2], ends[1::2]  # (ROWS, latent + codes)
    share = np.linspace(0, 1, COLUMNS)
    path = np.stack([slerp(start, end, t) for t in share], axis=1)  # (ROWS, COLUMNS, …)
    path[:, :, generator.latent :] = start[:, None, generator.latent :]
    classes = np.arange(ROWS).repeat(COLUMNS) % generator.classes if generator.classes else None
    return of_latents(generator, path.reshape(ROWS * COLUMNS, -1), classes)


def slerp(a: Floats, b: Floats, t: float) -> Floats:
    """Move along the arc from each a (n, d) to its b, a share t of the way (Shoemake 1985).

    sin((1 - t) w) / sin w a + sin(t w) / sin w b, with w the angle between them
    """
    cosine = (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    w = np.arccos(cosine)[:, None]
    return (np.sin((1 - t) * w) * a + np.sin(t * w) * b) / np.sin(w)


CHAPTER = Chapter(
    place=4,
    title="Walks through the latent space",
    about="Each row goes from one seed to another along the arc between their latents; class and "
    "codes stay. A model that only learnt its pictures by heart would jump.",
    draw=draw,
)
