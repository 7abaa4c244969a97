import torch

from training.data.pixels import CHUNK, recolour, resize


def test_keeps_images_of_the_wanted_size() -> None:
    images = torch.randint(0, 256, (2, 3, 5, 5), dtype=torch.uint8)
    assert torch.equal(resize(images, 5), images)


def test_crops_the_centre_of_the_long_side() -> None:
    wide = torch.arange(6, dtype=torch.uint8).expand(1, 1, 2, 6)
    assert resize(wide, 2).tolist() == [[[[2, 3], [2, 3]]]]
    assert resize(wide.mT, 2).tolist() == [[[[2, 2], [3, 3]]]]


def test_shrinks_without_aliasing() -> None:
    # Two columns of eight are black, just where a sample between the eight would be taken.
    stripe = torch.tensor([255, 255, 255, 0, 0, 255, 255, 255], dtype=torch.uint8)
    shrunk = resize(stripe.repeat(8).expand(1, 1, 64, 64), 8)
    assert shrunk.shape == (1, 1, 8, 8)
    assert 180 <= shrunk.min() <= shrunk.max() <= 200


def test_enlarges_bilinearly() -> None:
    step = torch.tensor([[[[0, 200], [0, 200]]]], dtype=torch.uint8)
    assert resize(step, 4)[0, 0, 0].tolist() == [0, 50, 150, 200]


def test_grey_becomes_three_equal_channels() -> None:
    grey = torch.tensor([[[[7, 9]]]], dtype=torch.uint8)
    assert recolour(grey, 3).tolist() == [[[[7, 9]], [[7, 9]], [[7, 9]]]]


def test_colour_becomes_luma() -> None:
    primaries = 255 * torch.eye(3, dtype=torch.uint8).view(1, 3, 1, 3)
    assert recolour(primaries, 1).tolist() == [[[[76, 150, 29]]]]


def test_grey_in_three_channels_comes_back_unchanged() -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    assert torch.equal(recolour(recolour(levels, 3), 1), levels)


def test_many_images_keep_their_order() -> None:
    count = CHUNK + 3
    levels = (torch.arange(count) % 251).to(torch.uint8).view(count, 1, 1, 1)
    assert torch.equal(recolour(levels.expand(count, 3, 1, 1), 1), levels)
