"""Quota: how many images each key may ask for, as a bucket that fills with time."""

import fcntl
import mmap
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

MINUTE = 60.0


class Times(Protocol):
    """A time for each owner, 0 at first."""

    def read(self, owner: str) -> float: ...

    def push(self, owner: str, now: float, seconds: float) -> None:
        """Move an owner's time on by so much, from now where it is past."""
        ...


class OwnTimes:
    """The times of one process."""

    def __init__(self) -> None:
        self._times: dict[str, float] = {}

    def read(self, owner: str) -> float:
        return self._times.get(owner, 0.0)

    def push(self, owner: str, now: float, seconds: float) -> None:
        self._times[owner] = max(now, self.read(owner)) + seconds


class SharedTimes:
    """The times of several processes with the same owners, in a file that all of them map."""

    def __init__(self, path: Path, owners: Iterable[str]) -> None:
        self._places = {owner: place for place, owner in enumerate(sorted(owners))}
        self._file = path.open("a+b")
        self._file.truncate(8 * len(self._places))
        self._times = memoryview(mmap.mmap(self._file.fileno(), 0)).cast("d")

    def read(self, owner: str) -> float:
        return float(self._times[self._places[owner]])

    def push(self, owner: str, now: float, seconds: float) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        self._times[self._places[owner]] = max(now, self.read(owner)) + seconds
        fcntl.lockf(self._file, fcntl.LOCK_UN)


class Quota:
    """So many images a minute for each owner of a key; 0 is without limit.

    A bucket is kept as the time at which it will be full again (GCRA, ITU-T I.371). What is asked
    for of a full bucket is given, however much, and paid for by waiting: no request is impossible.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        times: Times | None = None,
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._full = times or OwnTimes()

    def wait(self, owner: str, images: int) -> float:
        """Say in how many seconds so many images may be asked for; 0 is now."""
        if not self._per_minute:
            return 0.0
        missing = max(0.0, self._full.read(owner) - self._clock())
        asked = min(images, self._per_minute) * MINUTE / self._per_minute
        return max(0.0, missing + asked - MINUTE)

    def charge(self, owner: str, images: int) -> None:
        """Take images out of the bucket."""
        if self._per_minute:
            self._full.push(owner, self._clock(), images * MINUTE / self._per_minute)
