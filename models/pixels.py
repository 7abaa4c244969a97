"""From what a network makes to bytes: the one place where values become pixels."""

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # whoever only lays out pixels does not wait for torch
    from torch import Tensor

Pixels = npt.NDArray[np.uint8]


def quantise(images: "Tensor") -> Pixels:
    """Round images (N, C, H, W) in [-1, 1] to pixels (N, H, W, C), 0 to 255."""
    levels = images.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()
    return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def columns_of(count: int) -> int:
    """Return a square's columns, or up to half as many more where fewer places stay empty."""
    square = math.ceil(math.sqrt(count))
    return min(range(square, square * 3 // 2 + 1), key=lambda columns: -count % columns)


def grid(images: Pixels, columns: int | None = None) -> Pixels:
    """Lay images (N, H, W, C) out row by row, near a square: (rows * H, columns * W, C).

    Places that no image fills are black.
    """
    count, height, width, channels = images.shape
    columns = columns or columns_of(count)
    rows = math.ceil(count / columns)
    cells = np.zeros((rows * columns, height, width, channels), np.uint8)
    cells[:count] = images
    table = cells.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return table.reshape(rows * height, columns * width, channels)
