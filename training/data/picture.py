"""Picture: one image file, whatever its kind, as a square of pixels."""

from pathlib import Path

from PIL import Image

from models.picture import Pixels, pixels


def read(path: Path, size: int, channels: int | None) -> Pixels:
    """Return a file's centre square as (C, size, size); C is 1 for a grey image if not given.

    Raises what Pillow raises for a broken file, which may be any exception.
    """
    with opened(path) as image:
        return pixels(image, size, channels)


def opened(path: Path) -> Image.Image:
    """Open a file as an image, whose pixels are not read yet."""
    if not path.is_file():
        raise OSError("not a file")  # opening a pipe would wait for ever
    return Image.open(path)


def is_image(path: Path) -> bool:
    """Tell whether a file begins like an image; the pixels are not looked at."""
    try:
        with opened(path):
            return True
    except Exception:  # Pillow's decoders raise whatever the bytes lead them to
        return False
