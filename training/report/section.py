"""Section: all that the report says about one data set."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.report.chapter import Chapter
from training.report.model import Model
from training.report.picture import Picture
from training.report.table import Table


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """A chapter with the pictures that it came to."""

    chapter: Chapter
    pictures: Sequence[Picture]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Tables of the best and of the last checkpoints, pictures, and what is not there and why."""

    name: str
    best: Table | None
    last: Table | None
    seeds: int
    galleries: Sequence[Gallery]
    failures: Sequence[Model]

    def file(self, picture: Picture) -> str:
        """Name a picture's file."""
        return f"{self.name}-{picture.name}.png"

    @property
    def tables(self) -> Sequence[tuple[str, Table]]:
        """List the tables that there are."""
        both = (("Best checkpoint", self.best), ("Last checkpoint", self.last))
        return [(title, table) for title, table in both if table is not None]
