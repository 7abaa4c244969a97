"""What a request asks of a model's networks, row by row, before any of them is involved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

Seeds = npt.NDArray[np.int64]
Classes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Rows = npt.NDArray[Any]
"""What comes of work, row by row: pixels, or what heads say."""


class Blend(NamedTuple):
    """Classes (n,), each moved `share` (n,) of the way to its `target` (n,)."""

    origin: Classes
    target: Classes
    share: Floats


class Work(Protocol):
    """Rows of one kind; works of the same kind join into one batch."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> Self:
        """Take some of the rows."""
        ...

    @classmethod
    def join(cls, works: Sequence[Self]) -> Self:
        """Put the rows of several works behind one another."""
        ...


class Drawing(Work, Protocol):
    """Work for a generator."""

    def latents(self, draw: Callable[[Seeds], Floats]) -> Floats:
        """Give the latents of all rows, (n, inputs); `draw` makes those of seeds."""
        ...

    def classes_of_rows(self) -> Classes | Blend | None:
        """Give the classes of all rows, or None for an unconditional model."""
        ...


@dataclass(frozen=True, slots=True)
class Samples:
    """The images of these seeds, (n,), of these classes, (n,), where the model is conditional."""

    seeds: Seeds
    classes: Classes | None

    def __len__(self) -> int:
        return len(self.seeds)

    def rows(self, start: int, stop: int) -> Self:
        classes = None if self.classes is None else self.classes[start:stop]
        return type(self)(self.seeds[start:stop], classes)

    @classmethod
    def join(cls, works: Sequence[Self]) -> Self:
        return cls(np.concatenate([w.seeds for w in works]), join([w.classes for w in works]))

    def latents(self, draw: Callable[[Seeds], Floats]) -> Floats:
        return draw(self.seeds)

    def classes_of_rows(self) -> Classes | None:
        return self.classes


@dataclass(frozen=True, slots=True)
class Points:
    """Images at latents (n, inputs), between two classes (n,) each, `share` (n,) on the way."""

    points: Floats
    origin: Classes | None
    target: Classes | None
    share: Floats

    @classmethod
    def at(cls, points: Floats, classes: Classes | None) -> Self:
        """Ask for images at latents (n, inputs), of classes (n,) and not between them."""
        return cls(points, classes, classes, np.zeros(len(points), np.float32))

    def __len__(self) -> int:
        return len(self.points)

    def rows(self, start: int, stop: int) -> Self:
        part = slice(start, stop)
        return type(self)(
            self.points[part],
            None if self.origin is None else self.origin[part],
            None if self.target is None else self.target[part],
            self.share[part],
        )

    @classmethod
    def join(cls, works: Sequence[Self]) -> Self:
        return cls(
            np.concatenate([w.points for w in works]),
            join([w.origin for w in works]),
            join([w.target for w in works]),
            np.concatenate([w.share for w in works]),
        )

    def latents(self, draw: Callable[[Seeds], Floats]) -> Floats:
        return self.points

    def classes_of_rows(self) -> Blend | None:
        if self.origin is None or self.target is None:
            return None
        return Blend(self.origin, self.target, self.share)


@dataclass(frozen=True, slots=True)
class Seen:
    """Images (n, C, S, S) uint8, each of its class, (n,), where the discriminator is given one."""

    images: Bytes
    classes: Classes | None

    def __len__(self) -> int:
        return len(self.images)

    def rows(self, start: int, stop: int) -> Self:
        classes = None if self.classes is None else self.classes[start:stop]
        return type(self)(self.images[start:stop], classes)

    @classmethod
    def join(cls, works: Sequence[Self]) -> Self:
        return cls(np.concatenate([w.images for w in works]), join([w.classes for w in works]))


class Judged(Seen):
    """What the discriminator says of these images: its heads' outputs beside one another."""


class Rebuilt(Seen):
    """What an auto-encoder makes of these images."""


Job = Samples | Points | Judged | Rebuilt


def join(columns: Sequence[Classes | None]) -> Classes | None:
    """Put columns behind one another; a model has classes in all of them or in none."""
    present = [column for column in columns if column is not None]
    return np.concatenate(present) if present else None
