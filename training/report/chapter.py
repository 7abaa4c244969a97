"""Chapter: one kind of picture, drawn for the models of a data set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from training.report.material import Material
from training.report.model import Model
from training.report.picture import Picture

Draw = Callable[[Sequence[Model], Material], Iterator[Picture]]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """`draw` is given the models of one data set that have weights, one seed of each."""

    place: int
    title: str
    about: str
    draw: Draw
    wide: bool = False
