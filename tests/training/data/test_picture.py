import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from training.data import picture


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def corner_pixel(path: Path, channels: int | None = None) -> list[int]:
    """Return the colours of the first pixel of a file read at size 4."""
    pixels = picture.read(path, 4, channels)
    assert pixels.shape[1:] == (4, 4)
    assert pixels.dtype == np.uint8
    return [int(value) for value in pixels[:, 0, 0]]


def plain(mode: str, colour: int | tuple[int, ...]) -> Image.Image:
    return Image.new(mode, (4, 4), colour)


def test_reads_colours_channels_first(tmp_path: Path) -> None:
    assert corner_pixel(save(tmp_path / "a.png", plain("RGB", (10, 20, 30)))) == [10, 20, 30]


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("grey.png", plain("L", 77)),
        ("grey_in_colour.png", plain("RGB", (77, 77, 77))),
        ("grey_alpha.png", plain("LA", (77, 255))),
        ("grey_rgba.png", plain("RGBA", (77, 77, 77, 255))),
        ("grey_palette.png", plain("RGB", (77, 77, 77)).quantize(2)),
        ("grey.gif", plain("L", 77)),
        ("grey.bmp", plain("L", 77)),
        ("grey16.png", Image.fromarray(np.full((4, 4), 77 * 257, np.uint16))),
        ("grey16.tiff", Image.fromarray(np.full((4, 4), 77 * 257, np.uint16))),
        ("grey32.tiff", Image.fromarray(np.full((4, 4), 77 * 257, np.int32))),
    ],
)
def test_grey_of_every_kind_is_one_channel(tmp_path: Path, name: str, image: Image.Image) -> None:
    path = save(tmp_path / name, image)
    assert corner_pixel(path) == [77]
    assert corner_pixel(path, channels=3) == [77, 77, 77]


def test_black_and_white_is_grey(tmp_path: Path) -> None:
    assert corner_pixel(save(tmp_path / "a.png", plain("1", 1))) == [255]


@pytest.mark.parametrize("level", [0, 1, 128, 254, 255])
def test_sixteen_bits_cover_the_whole_range(tmp_path: Path, level: int) -> None:
    image = Image.fromarray(np.full((4, 4), level * 257, np.uint16))
    assert corner_pixel(save(tmp_path / "a.png", image)) == [level]


def test_one_coloured_pixel_makes_a_colour_image(tmp_path: Path) -> None:
    image = plain("RGB", (77, 77, 77))
    image.putpixel((3, 3), (77, 78, 77))
    assert corner_pixel(save(tmp_path / "a.png", image)) == [77, 77, 77]


def test_palette_becomes_its_colours(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", plain("RGB", (200, 100, 50)).quantize(2))
    with Image.open(path) as stored:
        assert stored.mode == "P"
    assert corner_pixel(path) == [200, 100, 50]


@pytest.mark.parametrize(
    ("alpha", "expected"), [(0, [255, 255, 255]), (255, [0, 0, 200]), (51, [204, 204, 244])]
)
def test_what_is_transparent_lies_on_white(tmp_path: Path, alpha: int, expected: list[int]) -> None:
    path = save(tmp_path / "a.png", plain("RGBA", (0, 0, 200, alpha)))
    assert corner_pixel(path, channels=3) == expected


def test_a_transparent_palette_entry_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 200, 9, 9, 9])
    assert corner_pixel(save(tmp_path / "a.png", image, transparency=0), 3) == [255, 255, 255]


def test_ink_becomes_light(tmp_path: Path) -> None:
    path = save(tmp_path / "a.tiff", plain("CMYK", (255, 0, 0, 0)))
    red, green, blue = corner_pixel(path)
    assert red < 30
    assert green > 140
    assert blue > 140


def test_float_pixels_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.tiff", Image.new("F", (4, 4), 0.5))
    with pytest.raises(ValueError, match="no fixed white"):
        picture.read(path, 4, None)


def test_one_channel_of_a_colour_image_is_its_luma(tmp_path: Path) -> None:
    assert corner_pixel(save(tmp_path / "a.png", plain("RGB", (255, 0, 0))), channels=1) == [76]


@pytest.mark.parametrize(
    ("orientation", "turned"), [(1, [1, 2, 3, 4]), (3, [4, 3, 2, 1]), (6, [3, 1, 4, 2])]
)
def test_a_photo_stands_upright(tmp_path: Path, orientation: int, turned: list[int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.array([[1, 2], [3, 4]], np.uint8))
    pixels = picture.read(save(tmp_path / "a.png", image, exif=exif), 2, None)
    assert pixels.flatten().tolist() == turned


def test_the_centre_of_the_long_side_is_kept(tmp_path: Path) -> None:
    columns = np.tile(np.arange(0, 90, 10, dtype=np.uint8), (4, 1))  # 4 x 9
    wide = save(tmp_path / "wide.png", Image.fromarray(columns))
    tall = save(tmp_path / "tall.png", Image.fromarray(columns.T.copy()))
    assert picture.read(wide, 4, None)[0, 0].tolist() == [20, 30, 40, 50]
    assert picture.read(tall, 4, None)[0, :, 0].tolist() == [20, 30, 40, 50]


@pytest.mark.parametrize("name", ["big.png", "big.jpg"])
def test_a_large_image_shrinks_without_aliasing(tmp_path: Path, name: str) -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (512, 256))
    pixels = picture.read(save(tmp_path / name, Image.fromarray(stripes)), 8, None)
    assert 115 <= pixels.min() <= pixels.max() <= 140


def test_a_single_pixel_fills_the_square(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.new("L", (1, 300), 9))
    assert picture.read(path, 4, None).tolist() == [[[9] * 4] * 4]


def test_is_image_looks_at_the_content_only(tmp_path: Path) -> None:
    plain("L", 0).save(tmp_path / "a.txt", "png")
    (tmp_path / "b.png").write_text("no image")
    assert picture.is_image(tmp_path / "a.txt")
    assert not picture.is_image(tmp_path / "b.png")
    assert not picture.is_image(tmp_path / "absent.png")


@pytest.mark.timeout(10)
def test_a_pipe_is_no_image(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert not picture.is_image(tmp_path / "pipe.png")
    with pytest.raises(OSError, match="not a file"):
        picture.read(tmp_path / "pipe.png", 4, None)
