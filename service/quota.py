"""Quota: how many images each key may ask for, as a bucket that fills with time."""

import time
from collections.abc import Callable

MINUTE = 60.0


class Quota:
    """So many images a minute for each owner of a key; 0 is without limit.

    A bucket is kept as the time at which it will be full again (GCRA, ITU-T I.371). What is asked
    for of a full bucket is given, however much, and paid for by waiting: no request is impossible.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._full: dict[str, float] = {}

    def wait(self, owner: str, images: int) -> float:
        """Say in how many seconds so many images may be asked for; 0 is now."""
        if not self._per_minute:
            return 0.0
        missing = max(0.0, self._full.get(owner, 0.0) - self._clock())
        asked = min(images, self._per_minute) * MINUTE / self._per_minute
        return max(0.0, missing + asked - MINUTE)

    def charge(self, owner: str, images: int) -> None:
        """Take images out of the bucket."""
        if self._per_minute:
            now = self._clock()
            seconds = images * MINUTE / self._per_minute
            self._full[owner] = max(now, self._full.get(owner, 0.0)) + seconds
