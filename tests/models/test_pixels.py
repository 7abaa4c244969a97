"""Values to bytes."""

import numpy as np
import pytest
import torch

from models.pixels import grid, quantise


def test_quantise_rounds_and_clamps() -> None:
    values = torch.tensor([-1.0, 1.0, 0.0, -2.0, 2.0, -1 + 2 / 255, -1 + 2.9 / 255, -1 + 3.1 / 255])
    assert quantise(values.view(1, 1, 2, 4)).ravel().tolist() == [0, 255, 128, 0, 255, 1, 1, 2]


def test_quantise_puts_channels_last() -> None:
    image = torch.zeros(2, 3, 4, 5)
    image[1, 2, 3, 4] = 1.0
    found = quantise(image)
    assert found.shape == (2, 4, 5, 3)
    assert found[1, 3, 4, 2] == 255


def test_grid_fills_rows_and_leaves_the_rest_black() -> None:
    images = np.stack([np.full((2, 3, 1), value, np.uint8) for value in range(1, 6)])
    table = grid(images)
    assert table.shape == (4, 9, 1)
    assert table[::2, ::3, 0].tolist() == [[1, 2, 3], [4, 5, 0]]
    assert grid(images, columns=5).shape == (2, 15, 1)
    assert grid(images[:1]).shape == (2, 3, 1)


@pytest.mark.parametrize(
    ("count", "rows", "columns"),
    [
        (2, 1, 2), (3, 1, 3), (4, 2, 2), (6, 2, 3), (7, 2, 4), (8, 2, 4), (9, 3, 3), (10, 2, 5),
        (11, 3, 4), (14, 3, 5), (16, 4, 4), (48, 6, 8), (50, 5, 10), (64, 8, 8), (960, 30, 32),
    ],
)  # fmt: skip
def test_grid_leaves_few_places_empty(count: int, rows: int, columns: int) -> None:
    """A black place among digits on black looks like an image that went wrong."""
    assert grid(np.ones((count, 1, 1, 1), np.uint8)).shape == (rows, columns, 1)
