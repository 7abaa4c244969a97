"""Images: what `generate` and `interpolate` come back with."""

import csv
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from service.client.pictures import opened, shown
from service.client.receipt import Answer, Timing, numbers, receipt

if TYPE_CHECKING:  # whoever wants no pixels does not wait for them
    from PIL.Image import Image

    from service.client.pictures import Pixels


@dataclass(frozen=True, kw_only=True)
class Images:
    """Images of one model, in order: `classes` are names, None where it has none."""

    model: str
    digest: str
    seeds: tuple[int, ...]
    classes: tuple[str, ...] | None
    timing: Timing
    pngs: tuple[bytes, ...]

    @classmethod
    def of(cls, answer: Answer, model: str) -> Self:
        """Read a zip of PNGs and their index."""
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode())))
            pngs = tuple(archive.read(row["file"]) for row in rows)
        names = tuple(row["class"] for row in rows)
        told = receipt(answer.headers)
        return cls(
            model=model,
            digest=told["digest"],
            seeds=tuple(int(row["seed"]) for row in rows),
            classes=names if any(names) else None,
            timing=told["timing"],
            pngs=pngs,
        )

    def __len__(self) -> int:
        return len(self.pngs)

    @cached_property
    def images(self) -> "list[Image]":
        """The images, decoded."""
        return [opened(png) for png in self.pngs]

    def array(self) -> "Pixels":
        """Return their pixels, (n, height, width, channels)."""
        import numpy as np

        stacked = np.stack([np.asarray(image) for image in self.images])
        return stacked if stacked.ndim == 4 else stacked[..., np.newaxis]

    def grid(self, columns: int | None = None) -> "Image":
        """Lay them out row by row, near a square if not told how many columns."""
        from models import pixels

        return shown(pixels.grid(self.array(), columns))

    def save(self, folder: str | PathLike[str]) -> list[Path]:
        """Write each as a PNG named after the model and its seed."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        paths = [Path(folder) / f"{self.model}-{seed}.png" for seed in self.seeds]
        for path, png in zip(paths, self.pngs, strict=True):
            path.write_bytes(png)
        return paths


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The images on the way, (n, height, width, channels); `seeds` are those of the keyframes.

    `classes` are the indices of the keyframes' classes, None where the model has none.
    """

    array: "Pixels"
    digest: str
    seeds: tuple[int, ...]
    classes: tuple[int, ...] | None
    timing: Timing

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Read an npy."""
        import numpy as np

        told = receipt(answer.headers)
        return cls(
            array=np.load(io.BytesIO(answer.content)),
            digest=told["digest"],
            seeds=numbers(answer.headers.get("x-seed")),
            classes=numbers(answer.headers.get("x-class")) or None,
            timing=told["timing"],
        )

    def __len__(self) -> int:
        return len(self.array)

    @cached_property
    def images(self) -> "list[Image]":
        return [shown(pixels) for pixels in self.array]
