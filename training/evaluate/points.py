"""Points: mixtures of Gaussians in the plane, whose modes can be counted.

A ring of 8 as in Metz et al. 2016, "Unrolled GAN", and a grid of 25 as in VEEGAN (Srivastava et al.
2017, §4.1) and PacGAN (Lin et al. 2018, §4.1), with modes that are wider against the gaps between
them, so that minutes of training show something: figures of those papers are no measure for these.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from training.data import Batch
from training.data.batches import mix


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixture:
    """Equally many points around each centre (K, 2), each coordinate off by N(0, deviation^2)."""

    name: str
    about: str
    centres: Tensor
    deviation: float

    @property
    def modes(self) -> int:
        """How many Gaussians there are, K."""
        return len(self.centres)

    def draw(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw points (count, 2) and the modes that they are of (count,)."""
        modes = torch.randint(self.modes, (count,), generator=random)
        noise = self.deviation * torch.randn(count, 2, generator=random)
        return self.centres[modes] + noise, modes


def ring(modes: int = 8, radius: float = 8.0, deviation: float = 0.2) -> Mixture:
    """Spread modes evenly on a circle."""
    angle = torch.arange(modes) * (2 * math.pi / modes)
    return Mixture(
        name=f"ring-{modes}",
        about=f"{modes} Gaussians of deviation {deviation:g} on a circle of radius {radius:g}",
        centres=radius * torch.stack([angle.cos(), angle.sin()], dim=1),
        deviation=deviation,
    )


def grid(side: int = 5, apart: float = 4.0, deviation: float = 0.2) -> Mixture:
    """Spread modes on a square grid around 0."""
    line = (torch.arange(side) - (side - 1) / 2) * apart
    return Mixture(
        name=f"grid-{side**2}",
        about=f"{side**2} Gaussians of deviation {deviation:g} on a grid, {apart:g} apart",
        centres=torch.cartesian_prod(line, line),
        deviation=deviation,
    )


MIXTURES: Mapping[str, Mixture] = MappingProxyType({m.name: m for m in (ring(), grid())})


class Points:
    """Batches without end, each drawn anew from the seed and its index.

    A point is an image of two channels and one pixel; its mode is its label, and every label may
    be learnt from.
    """

    def __init__(self, mixture: Mixture, size: int, seed: int) -> None:
        self.mixture = mixture
        self.size = size
        self.seed = seed

    def __getitem__(self, index: int) -> Batch:
        random = torch.Generator().manual_seed(mix(self.seed, index))
        points, modes = self.mixture.draw(self.size, random)
        batch = Batch(as_images(points), modes)
        return Batch(batch.images, batch.labels, known=batch)


def as_images(points: Tensor) -> Tensor:
    """Lay points (B, 2) out as images (B, 2, 1, 1)."""
    return points[:, :, None, None]
