"""Reconstructions: what a discriminator that is an auto-encoder makes of images."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from models.networks import AutoEncoder
from models.pixels import quantise
from training.evaluate.real import part
from training.report.chapter import Chapter
from training.report.drawn import Shown, of_seeds, shown
from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture, from_images

COLUMNS = 12


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for one in shown(models):
        judge = one.weights.model.discriminator
        if isinstance(judge, AutoEncoder):
            rows = [row for some in seen(one, material) for row in (some, rebuilt(judge, some))]
            alt = f"Images and, below each, its reconstruction by {one.name}"
            name = f"reconstructions-{one.name}"
            yield from_images(name, one.name, alt, torch.cat(rows), COLUMNS)


def seen(one: Shown, material: Material) -> Iterator[Tensor]:
    """Give real test images where there are some, and samples: (COLUMNS, C, S, S) uint8 each."""
    test = material.split(one.model.entry.data, one.weights.card.image, "test")
    if test is not None:
        yield part(test, COLUMNS).pixels
    yield of_seeds(one.generator, np.arange(COLUMNS), COLUMNS)


@torch.inference_mode()
def rebuilt(judge: AutoEncoder, images: Tensor) -> Tensor:
    """Rebuild uint8 images (n, C, S, S)."""
    made = judge.reconstruct(images.float() / 127.5 - 1)
    return torch.from_numpy(quantise(made)).permute(0, 3, 1, 2)


CHAPTER = Chapter(
    place=6,
    title="Reconstructions",
    about="Of models whose discriminator is an auto-encoder: real test images and what it rebuilds "
    "of them, then samples and what it rebuilds of those. How badly it does so is its verdict.",
    draw=draw,
)
