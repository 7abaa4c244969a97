import math

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from training.augmentation import Augmentation, distorted


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


def spread(found: Tensor) -> Tensor:
    """Give the second moments of brightness, (B, 2, 2), in pixels around the middle."""
    weights = (found[:, 0] + 1) / (found[:, 0] + 1).sum(dim=(1, 2), keepdim=True)
    side = found.shape[-1]
    places = torch.arange(side) - (side - 1) / 2
    y, x = torch.meshgrid(places, places, indexing="ij")
    rows = [[(weights * a * b).sum(dim=(1, 2)) for b in (x, y)] for a in (x, y)]
    return torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)


def square(count: int) -> Tensor:
    images = torch.full((count, 1, 33, 33), -1.0)
    images[:, 0, 11:22, 11:22] = 1
    return images


def test_stretch_makes_each_side_longer_or_shorter_by_itself() -> None:
    before = spread(square(1))[0].diagonal()
    after = spread(moved(Augmentation(shift=0, stretch=0.25), square(400)))
    sides = (after.diagonal(dim1=1, dim2=2) / before).sqrt()
    assert sides.amin(dim=0).tolist() == pytest.approx([0.8, 0.8], abs=0.02)
    assert sides.amax(dim=0).tolist() == pytest.approx([1.25, 1.25], abs=0.02)
    assert torch.corrcoef(sides.T)[0, 1].abs() < 0.15
    assert sides.log().mean().abs() < 0.02, "as often longer as shorter"


def test_shear_leans_and_changes_no_height() -> None:
    before = spread(square(1))[0]
    after = spread(moved(Augmentation(shift=0, shear=0.3), square(400)))
    leaning = after[:, 0, 1] / after[:, 1, 1]
    assert leaning.min() == pytest.approx(-0.3, abs=0.02)
    assert leaning.max() == pytest.approx(0.3, abs=0.02)
    assert (after[:, 1, 1] / before[1, 1]).sub(1).abs().max() < 0.05


def test_strokes_get_thicker_or_half_as_much_thinner() -> None:
    """A line of 3 pixels: 5 at the most; thinned all the way it would be 1, half way it is 2."""
    images = torch.full((400, 1, 9, 9), -1.0)
    images[:, 0, :, 3:6] = 1
    found = (moved(Augmentation(shift=0, thicken=1), images) + 1)[:, 0, 4] / 2
    widths = found.sum(dim=1)
    assert widths.min() == pytest.approx(2, abs=0.02)
    assert widths.max() == pytest.approx(5, abs=0.02)
    assert (widths < 3).float().mean() == pytest.approx(1 / 3, abs=0.08)
    assert found.amin() >= 0
    assert found.amax() <= 1


def test_distorted_images_are_moved_as_far_as_is_asked_and_gradients_pass() -> None:
    images = noise(40, 28).requires_grad_()
    assert distorted(images, 0) is images
    torch.manual_seed(0)
    little, much = distorted(images, 0.01), distorted(images, 1)
    assert (little - images).abs().mean() < (much - images).abs().mean() / 2
    much.sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


@pytest.mark.parametrize(("strength", "pixels"), [(1, 2), (0.5, 1)])
def test_distorted_images_are_shifted_by_a_fourteenth_of_their_side(
    strength: float, pixels: int
) -> None:
    """What is in the middle moves by no more, but that the shift is stretched and leans too."""
    images = torch.full((400, 1, 28, 28), -1.0)
    images[:, 0, 12:16, 12:16] = 1
    torch.manual_seed(0)
    bright = distorted(images, strength)[:, 0] + 1
    places = torch.arange(28.0) - 13.5
    for lines in (bright.sum(1), bright.sum(2)):
        middles = (lines * places).sum(1) / lines.sum(1)
        assert pixels <= -middles.min() < 1.7 * pixels
        assert pixels <= middles.max() < 1.7 * pixels


def test_same_seed_gives_the_same_moves() -> None:
    augmentation, images = Augmentation(shift=2, degrees=10, flip=True), noise(10)
    assert torch.equal(moved(augmentation, images, 5), moved(augmentation, images, 5))
    assert not torch.equal(moved(augmentation, images, 5), moved(augmentation, images, 6))


@pytest.mark.parametrize("wrong", [{"shift": -1}, {"degrees": -1}, {"degrees": math.inf}])
def test_impossible_moves_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Augmentation.model_validate(wrong)
