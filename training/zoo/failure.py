"""Failure: why a model of the zoo is not there, kept in its folder for the report."""

from dataclasses import asdict, dataclass
from pathlib import Path

from training.zoo import records
from training.zoo.entry import Entry

FILE = "failure.json"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Which model failed, and the reason as a person would read it."""

    variant: str
    data: str
    seed: int
    reason: str

    @property
    def entry(self) -> Entry:
        return Entry(variant=self.variant, data=self.data, seed=self.seed)


def keep(folder: Path, entry: Entry, reason: str) -> None:
    """Write down a failure; it stands until the model succeeds."""
    failure = Failure(variant=entry.variant, data=entry.data, seed=entry.seed, reason=reason)
    records.put(folder / FILE, asdict(failure))


def find(folder: Path) -> Failure | None:
    """Read why the model of this folder failed, if it did."""
    kept = records.get(folder / FILE, None)
    return None if kept is None else Failure(**kept)


def forget(folder: Path) -> None:
    """Forget a failure, for it has been mended."""
    (folder / FILE).unlink(missing_ok=True)
