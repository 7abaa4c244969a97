"""Pictures: an image of the caller's, of whatever kind, as the bytes of a file, and back."""

import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # whoever wants no pixels does not wait for them
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels: TypeAlias = NDArray[np.uint8]

Picture: TypeAlias = "bytes | str | PathLike[str] | Image | NDArray[Any]"
"""The bytes of a file, its path, Pillow's image, or pixels (H, W) or (H, W, 1 or 3), 0 to 255."""


def file_of(picture: Picture) -> bytes:
    """Give the bytes of a file that shows it. Raises TypeError for what is no picture."""
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str | PathLike):
        return Path(picture).read_bytes()
    return png_of(picture)


def png_of(picture: "Image | NDArray[Any]") -> bytes:
    """Write pixels or Pillow's image as PNG."""
    from PIL import Image

    if not isinstance(picture, Image.Image):
        picture = from_pixels(picture)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def from_pixels(pixels: Any) -> "Image":
    """Make an array an image. Raises TypeError."""
    import numpy as np

    array = np.asarray(pixels)
    grey, coloured = array.ndim == 2, array.ndim == 3 and array.shape[2] in (1, 3)
    if array.dtype != np.uint8 or not (grey or coloured):
        raise TypeError(
            f"image: found {type(pixels).__name__} of {array.dtype}, shape {array.shape}: expected "
            "bytes of a file, a path, an image of Pillow, or uint8 pixels (H, W) or (H, W, 1 or 3)"
        )
    return shown(array if coloured else array[..., np.newaxis])


def opened(content: bytes) -> "Image":
    """Open a file's bytes."""
    from PIL import Image

    return Image.open(io.BytesIO(content))


def shown(pixels: "Pixels") -> "Image":
    """Make pixels (H, W, 1 or 3) an image."""
    from PIL import Image

    return Image.fromarray(pixels.squeeze(-1) if pixels.shape[2] == 1 else pixels)
