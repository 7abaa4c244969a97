"""Augmentation: small random moves of images that leave their class as it is."""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample, max_pool2d

from models.card import Record


class Augmentation(Record):
    """Shift by whole pixels, turn by degrees, mirror half of the images left to right.

    `stretch` makes each side up to so much longer or shorter (0.2: a fifth), `shear` leans by up to
    so much of the height, `thicken` spreads what is bright up to so much of a pixel, or what is
    dark up to half of that.
    """

    shift: int = Field(default=2, ge=0)
    degrees: float = Field(default=0, ge=0, le=180)
    flip: bool = False
    stretch: float = Field(default=0, ge=0, le=1)
    shear: float = Field(default=0, ge=0, le=1)
    thicken: float = Field(default=0, ge=0, le=1)

    def apply(self, images: Tensor, random: Generator | None = None) -> Tensor:
        """Move each of (B, C, S, S) images in [-1, 1] its own way; what comes in is black.

        Gradients pass. Without `random` the moves are drawn from torch's own numbers.
        """
        moves = self.draw(len(images), images.shape[-1], images.device, random)
        where = affine_grid(moves, list(images.shape), align_corners=False)
        # One is added because a place outside the image is sampled as 0, and black is -1.
        found = grid_sample(images.float() + 1, where, align_corners=False) - 1
        return self.thickened(found, random) if self.thicken else found

    def thickened(self, images: Tensor, random: Generator | None) -> Tensor:
        """Make the strokes of each image thicker or thinner."""
        drawn = torch.rand(len(images), 1, 1, 1, generator=random, device=images.device)
        way = self.thicken * (1.5 * drawn - 0.5)
        brighter, darker = (sign * max_pool2d(sign * images, 3, 1, 1) for sign in (1, -1))
        more, less = way.clamp(min=0), (-way).clamp(min=0)
        return images + more * (brighter - images) + less * (darker - images)

    def draw(self, count: int, size: int, device: torch.device, random: Generator | None) -> Tensor:
        """Draw affine moves (count, 2, 3) in units of half a side."""
        ends = torch.rand(5, count, generator=random, device=device) * 2 - 1
        turn, lean, wide, high, side = ends
        angle, lean = turn * math.radians(self.degrees), lean * self.shear
        mirror = 1 - 2 * (side < 0).float() * self.flip
        cos, sin = angle.cos(), angle.sin()
        turned = torch.stack([cos * mirror, -sin, sin * mirror, cos], dim=1).view(-1, 2, 2)
        widths, heights = ((1 + self.stretch) ** end for end in (wide, high))
        zero = torch.zeros_like(lean)
        stretched = torch.stack([widths, lean, zero, heights], dim=1).view(-1, 2, 2)
        pixels = (-self.shift, self.shift + 1)
        steps = torch.randint(*pixels, (count, 2), generator=random, device=device)
        return torch.cat([turned @ stretched, (steps * 2 / size)[:, :, None]], dim=2)


def distorted(images: Tensor, strength: float) -> Tensor:
    """Distort (B, C, S, S), and leave what they show: 1 is as far as digits bear, 0 not at all."""
    if not strength:
        return images
    moves = Augmentation(
        shift=round(strength * images.shape[-1] / 14),
        degrees=20 * strength,
        stretch=0.2 * strength,
        shear=0.4 * strength,
        thicken=strength,
    )
    return moves.apply(images)
