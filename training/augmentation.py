"""Augmentation: small random moves of images that leave their class as it is."""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample

from models.card import Record


class Augmentation(Record):
    """Shift by whole pixels, turn by degrees, mirror half of the images left to right."""

    shift: int = Field(default=2, ge=0)
    degrees: float = Field(default=0, ge=0, le=180)
    flip: bool = False

    def apply(self, images: Tensor, random: Generator) -> Tensor:
        """Move each of (B, C, S, S) images in [-1, 1] its own way; what comes in is black."""
        moves = self.draw(len(images), images.shape[-1], random)
        where = affine_grid(moves, list(images.shape), align_corners=False)
        # One is added because a place outside the image is sampled as 0, and black is -1.
        return grid_sample(images + 1, where, align_corners=False) - 1

    def draw(self, count: int, size: int, random: Generator) -> Tensor:
        """Draw affine moves (count, 2, 3) in units of half a side."""
        device = random.device
        turn = torch.rand(count, generator=random, device=device) * 2 - 1
        angle = turn * math.radians(self.degrees)
        mirror = 1 - 2 * torch.randint(2, (count,), generator=random, device=device) * self.flip
        ends = (-self.shift, self.shift + 1)
        steps = torch.randint(*ends, (count, 2), generator=random, device=device)
        cos, sin = angle.cos(), angle.sin()
        linear = torch.stack([cos * mirror, -sin, sin * mirror, cos], dim=1).view(-1, 2, 2)
        return torch.cat([linear, (steps * 2 / size)[:, :, None]], dim=2)
