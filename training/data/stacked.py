"""Stacked MNIST: three digits drawn at random, as red, green and blue, so that it has 1,000 modes.

Metz et al. 2016, "Unrolled Generative Adversarial Networks", §3.3.1.
"""

from pathlib import Path

import numpy as np
import torch

from models import latents
from training.data import idx
from training.data.dataset import Raw

COUNTS = {"train": 60_000, "test": 26_000}  # as many as VEEGAN and PacGAN count modes in
CHANNELS = 3


def read(split: str, root: Path | None) -> Raw:
    """Read the digits and stack them: images (N, 3, 28, 28), the same ones each time, no labels."""
    digits = idx.read_mnist(split, root).images[:, 0]  # (M, 28, 28)
    places = latents.classes(np.arange(COUNTS[split] * CHANNELS), len(digits))
    chosen = torch.from_numpy(places).view(-1, CHANNELS)  # (N, 3)
    return Raw(images=digits[chosen])
