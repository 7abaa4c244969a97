import math

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from training.evaluate import Augmentation


def moved(augmentation: Augmentation, images: Tensor, seed: int = 0) -> Tensor:
    return augmentation.apply(images, torch.Generator().manual_seed(seed))


def noise(count: int, size: int = 8) -> Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


def shifted(image: Tensor, right: int, down: int) -> Tensor:
    """Move one image (C, S, S) by whole pixels, black coming in."""
    size = image.shape[-1]
    framed = torch.nn.functional.pad(image, (2, 2, 2, 2), value=-1.0)
    return framed[:, 2 - down : 2 - down + size, 2 - right : 2 - right + size]


def test_nothing_asked_for_changes_nothing() -> None:
    images = noise(20)
    torch.testing.assert_close(moved(Augmentation(shift=0), images), images, atol=1e-5, rtol=0)


def test_shift_moves_each_image_by_whole_pixels_and_uses_every_move() -> None:
    image = noise(1)[0]
    moves = [(x, y) for x in range(-2, 3) for y in range(-2, 3)]
    candidates = torch.stack([shifted(image, x, y) for x, y in moves])
    found = moved(Augmentation(shift=2), image.expand(400, -1, -1, -1))
    distances = (found[:, None] - candidates[None]).abs().amax(dim=(2, 3, 4))  # (400, 25)
    assert distances.amin(dim=1).max() < 1e-5
    assert set(distances.argmin(dim=1).tolist()) == set(range(25))


def test_flip_mirrors_about_half_of_the_images() -> None:
    images = noise(400)
    found = moved(Augmentation(shift=0, flip=True), images)
    same = (found - images).abs().amax(dim=(1, 2, 3)) < 1e-5
    mirrored = (found - images.flip(-1)).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert (same ^ mirrored).all()
    assert 150 < mirrored.sum() < 250


def test_turn_stays_within_its_degrees_and_reaches_them() -> None:
    images = torch.full((300, 1, 33, 33), -1.0)
    images[:, 0, 15:18, 26:29] = 1  # a dot ten pixels to the right of the middle
    found = (moved(Augmentation(shift=0, degrees=30), images) + 1)[:, 0]
    weights = found / found.sum(dim=(1, 2), keepdim=True)
    places = torch.arange(33) - 16.0
    x, y = (weights.sum(dim=1) * places).sum(dim=1), (weights.sum(dim=2) * places).sum(dim=1)
    degrees = torch.rad2deg(torch.atan2(y, x))
    assert degrees.abs().max() < 30.5
    assert degrees.min() < -27
    assert degrees.max() > 27
    assert torch.hypot(x, y).sub(11).abs().max() < 0.5


def test_same_seed_gives_the_same_moves() -> None:
    augmentation, images = Augmentation(shift=2, degrees=10, flip=True), noise(10)
    assert torch.equal(moved(augmentation, images, 5), moved(augmentation, images, 5))
    assert not torch.equal(moved(augmentation, images, 5), moved(augmentation, images, 6))


@pytest.mark.parametrize("wrong", [{"shift": -1}, {"degrees": -1}, {"degrees": math.inf}])
def test_impossible_moves_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Augmentation.model_validate(wrong)
