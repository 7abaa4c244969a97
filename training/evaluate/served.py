"""Served: the images of seeds, exactly as the service gives them."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models import latents
from models.networks import Generator
from models.pixels import quantise

BATCH = 500

Indices = npt.NDArray[np.int64]


def seeds_from(first: int, count: int) -> Indices:
    """Count seeds: `first` to first + count - 1."""
    return np.arange(first, first + count)


def drawn_classes(generator: Generator, seeds: Indices) -> Indices | None:
    """Draw the class that each seed stands for when none is asked for; None without classes."""
    return latents.classes(seeds, generator.classes) if generator.classes else None


def served(generator: Generator, seeds: Indices, classes: Indices | None) -> Tensor:
    """Make the images of these seeds: (n,) to (n, C, H, W) uint8, on the CPU.

    The generator's normalisations are as in service, and left as they were found.
    """
    was = generator.training
    generator.eval()
    try:
        parts = [slice(start, start + BATCH) for start in range(0, len(seeds), BATCH)]
        return torch.cat(
            [make(generator, seeds[p], None if classes is None else classes[p]) for p in parts]
        )
    finally:
        generator.train(was)


@torch.inference_mode()
def make(generator: Generator, seeds: Indices, classes: Indices | None) -> Tensor:
    """Make one batch of images: (n,) to (n, C, H, W) uint8."""
    device = next(generator.parameters()).device
    z = torch.from_numpy(generator.latents(seeds)).to(device)
    condition = None if classes is None else generator.embed(torch.from_numpy(classes).to(device))
    return torch.from_numpy(quantise(generator(z, condition))).permute(0, 3, 1, 2)
