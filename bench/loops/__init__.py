"""Training loops that are timed: one file each, each a generator that yields after every step."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every loop trains: DCGAN on these data."""

    data: str
    size: int
    batch: int
    width: int
