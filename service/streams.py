"""Streams: formats of many images, written part by part, so that no answer is ever held whole."""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from service.picture import Picture
from service.png import png


class Stream:
    """Writes images of a shape (n, H, W, C): `begin`, a `part` after another, `end`."""

    known_length: ClassVar[bool] = True
    """Whether all that is written is `begin` and the pixels."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = tuple(shape)

    @property
    def length(self) -> int | None:
        """How many bytes it will be, if that is known."""
        return len(self.begin()) + int(np.prod(self.shape)) if self.known_length else None

    def begin(self) -> bytes:
        return b""

    def part(self, picture: Picture) -> bytes:
        return picture.images.tobytes()

    def end(self) -> bytes:
        return b""


class Raw(Stream):
    """The pixels, image after image, line after line; the shape is for the client to know."""


class Npy(Stream):
    """One NumPy array (n, H, W, C) of uint8."""

    def begin(self) -> bytes:
        file = io.BytesIO()
        header = {"descr": "|u1", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(file, header)
        return file.getvalue()


class Zip(Stream):
    """A PNG an image, named by its seed, and an index of seeds and classes at the end."""

    known_length = False

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__(shape)
        self._written = Written()
        self._archive = zipfile.ZipFile(self._written, "w", zipfile.ZIP_STORED)
        self._index = io.StringIO()
        self._rows = csv.writer(self._index, lineterminator="\n")
        self._rows.writerow(("file", "seed", "class"))

    def part(self, picture: Picture) -> bytes:
        classes = picture.classes or [""] * len(picture.images)
        for seed, name, image in zip(picture.seeds, classes, picture.images, strict=True):
            file = f"{picture.model}-{seed}.png"
            self._archive.writestr(file, png(image))
            self._rows.writerow((file, seed, name))
        return self._written.take()

    def end(self) -> bytes:
        self._archive.writestr("index.csv", self._index.getvalue())
        self._archive.close()
        return self._written.take()


class Written(io.RawIOBase):
    """A file that cannot go back, whose content is taken away as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
