"""Figures: what the measured numbers are called, in which order, and which way is better."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from training.evaluate.table import number

Better = Literal["low", "high"] | None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A metric by the name that a card has for it."""

    name: str
    title: str
    better: Better = None
    percent: bool = False
    decimals: int | None = None

    def text(self, value: float) -> str:
        """Write a value of this figure."""
        if self.percent:
            return f"{100 * value:.2f} %"
        return number(value) if self.decimals is None else f"{value:.{self.decimals}f}"


def likeness(view: str, called: str) -> tuple[Figure, ...]:
    """List the figures of one view, `called` so in front of each."""
    return (
        Figure(name=f"{view}_fid", title=f"{called}FID", better="low", decimals=2),
        Figure(name=f"{view}_kid", title=f"{called}KID", better="low"),
        Figure(name=f"{view}_precision", title=f"{called}precision", better="high", percent=True),
        Figure(name=f"{view}_recall", title=f"{called}recall", better="high", percent=True),
        Figure(name=f"{view}_density", title=f"{called}density", better="high", decimals=3),
        Figure(name=f"{view}_coverage", title=f"{called}coverage", better="high", percent=True),
        Figure(name=f"{view}_score", title=f"{called}score", better="high", decimals=2),
    )


KNOWN = (
    *likeness("in_domain", ""),
    *likeness("inception", "Inception "),
    Figure(name="agreement", title="class accuracy", better="high", percent=True),
    Figure(name="least", title="least class", better="high", percent=True),
    Figure(name="most", title="most class", better="low", percent=True),
    Figure(name="modes", title="modes", better="high", decimals=0),
    Figure(name="modes_kl", title="modes KL", better="low"),
    Figure(name="class_error", title="class error", better="low", percent=True),
    Figure(name="code_error", title="code error", better="low", percent=True),
    Figure(name="copied", title="copied", percent=True),
    Figure(name="nearer", title="nearer", percent=True),
)


def figures(measured: Iterable[str]) -> Sequence[Figure]:
    """List what was measured, what is not known here at the end and by its own name."""
    names = set(measured)
    known = [figure for figure in KNOWN if figure.name in names]
    others = sorted(names - {figure.name for figure in known})
    return [*known, *(Figure(name=name, title=name) for name in others)]
