"""Picture: an image of any kind and shape as the square of pixels that a network sees.

The same for a training image and for one that the service is sent, so that a discriminator is
asked of what it learnt on.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

Pixels = NDArray[np.uint8]

# A large photo is first reduced cheaply to about this many times the wanted size.
REDUCING_GAP = 3


def pixels(image: Image.Image, size: int, channels: int | None) -> Pixels:
    """Return an image's centre square as (C, size, size); C is 1 for a grey one if not given.

    Raises what Pillow raises for a broken file, which may be any exception.
    """
    image.draft(None, (size * REDUCING_GAP, size * REDUCING_GAP))
    upright = ImageOps.exif_transpose(image)
    found = np.asarray(recolour(square(opaque(upright), size), channels))
    if found.ndim == 2:
        return found[np.newaxis]
    if channels is None and is_grey(found):
        return found[np.newaxis, :, :, 0]
    return found.transpose(2, 0, 1)


def opaque(image: Image.Image) -> Image.Image:
    """Return an image in mode L or RGB, what was transparent on white."""
    if image.mode == "F":
        raise ValueError("float pixels have no fixed white: save them as 8 or 16 bits")
    if image.mode.startswith("I"):
        return eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; Pillow's own conversion would cut at 255."""
    wide: NDArray[Any] = np.asarray(image).clip(0, 65535)
    return Image.fromarray(np.round(wide / 257).astype(np.uint8))


def square(image: Image.Image, size: int) -> Image.Image:
    """Cut the centre square and scale it to `size`."""
    side = min(image.size)
    # Whole pixels, so that an image of the wanted size is not blurred by half of one.
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return image.resize((size, size), Image.Resampling.BILINEAR, box=box, reducing_gap=REDUCING_GAP)


def recolour(image: Image.Image, channels: int | None) -> Image.Image:
    """Return an image in the mode that has so many channels; as it is when none are asked for."""
    return image if channels is None else image.convert({1: "L", 3: "RGB"}[channels])


def is_grey(pixels: Pixels) -> bool:
    """Tell whether red, green and blue are equal all over (H, W, 3)."""
    return bool((pixels == pixels[:, :, :1]).all())
