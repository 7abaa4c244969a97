"""Stream: an npy that is read as it comes, image after image, and goes on where it broke off.

Image i of seed s is that of seed s + i, so that what has not come can be asked for alone.
"""

import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from service.client.errors import ChangedError
from service.client.receipt import Headers, Receipt

if TYPE_CHECKING:
    from service.client.pictures import Pixels

PREFIX = 10  # bytes of an npy: magic, version, length of the header
NPY = "application/x-npy"
LISTS = ("class", "latents", "codes")


class Stream:
    """Images (n, H, W, C) of one request, given out `size` at a time."""

    def __init__(self, body: Mapping[str, Any], size: int) -> None:
        if size < 1:
            raise ValueError(f"size: found {size}, expected how many images an array has, from 1")
        self._body = body
        self._size = size
        self._receipt: Receipt | None = None
        self._total: int | None = None
        self._shape: tuple[int, ...] = ()
        self._buffer = bytearray()
        self._at_header = True
        self.given = 0

    @property
    def total(self) -> int:
        """How many images it is in all, once some have come."""
        assert self._total is not None, "none have come"
        return self._total

    @property
    def whole(self) -> bool:
        return self.given == self._total

    def rest(self) -> dict[str, Any]:
        """Write the request for what has not been given out."""
        if self._receipt is None or self._total is None or self._receipt.seed is None:
            return dict(self._body)
        left = {
            name: self._body[name][self.given :]
            for name in LISTS
            if isinstance(self._body.get(name), list)
        }
        place = {"seed": self._receipt.seed + self.given, "n": self._total - self.given}
        return {**self._body, **left, **place}

    def begin(self, headers: Headers) -> None:
        """Take the head of an answer. Raises ChangedError where other weights go on."""
        receipt = Receipt.read(headers)
        if receipt.media_type != NPY:
            raise ValueError(f"found {receipt.media_type}, expected {NPY}")
        if self._receipt is None or not self.given:
            self._receipt = receipt
        elif receipt.digest != self._receipt.digest:
            raise ChangedError(
                f"the weights of {self._body['model']} were replaced after {self.given} of "
                f"{self._total} images ({self._receipt.digest[:12]}… by {receipt.digest[:12]}…): "
                "ask again for all of them"
            )
        self._buffer.clear()
        self._at_header = True

    def feed(self, chunk: bytes) -> "Iterator[Pixels]":
        """Take what has come, and give out what is whole."""
        self._buffer += chunk
        if self._at_header and not self._read_header():
            return
        while not self.whole and len(self._buffer) >= self._next * self._image_bytes:
            yield self._take(self._next)

    @property
    def _next(self) -> int:
        return min(self._size, self.total - self.given)

    @property
    def _image_bytes(self) -> int:
        height, width, channels = self._shape
        return height * width * channels

    def _read_header(self) -> bool:
        """Read what an npy begins with, once all of that is there."""
        from numpy.lib import format

        end = PREFIX + int.from_bytes(self._buffer[8:PREFIX], "little")
        if len(self._buffer) < PREFIX or len(self._buffer) < end:
            return False
        file = io.BytesIO(self._buffer[:end])
        format.read_magic(file)
        (count, *shape), _, _ = format.read_array_header_1_0(file)
        self._total, self._shape = self.given + count, tuple(shape)
        del self._buffer[:end]
        self._at_header = False
        return True

    def _take(self, count: int) -> "Pixels":
        import numpy as np

        size = count * self._image_bytes
        pixels = np.frombuffer(self._buffer[:size], np.uint8).reshape(count, *self._shape)
        del self._buffer[:size]
        self.given += count
        return pixels
