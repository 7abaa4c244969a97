"""Patience: how often, how long and when a call is tried again. Pure, but for the clock given.

What is tried again is what the service refused for now, 429 and 503, and what nobody heard, a
connection that did not come about. A request that was sent is not sent again unasked.
"""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

REFUSED_FOR_NOW = (429, 503)
FIRST_SECONDS = 0.1  # of waiting where the service does not say how long; doubled each time
LONGEST_DEADLINE = 86_400  # seconds, as the service has it
LONGEST_TIMEOUT = 2_000_000  # seconds, just below 2^31 milliseconds: no socket waits longer
SPREAD = 0.1
"""Those who were refused together come back somewhat apart, and none before its time."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """At most `retries` more attempts, all within `seconds` or, if it has one, a deadline."""

    retries: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        """Raises ValueError for a number that is none of retries, or none of seconds."""
        if self.retries < 0:
            raise ValueError(f"retries: found {self.retries}, expected 0 or more: 0 is to try once")
        check_seconds("timeout", self.seconds, LONGEST_TIMEOUT)

    def until(self, deadline: float | None) -> float:
        """Say by what time of the clock a call has to be over."""
        return self.clock() + (self.seconds if deadline is None else deadline)

    def left(self, until: float) -> float:
        return until - self.clock()

    def wait(self, attempt: int, retry_after: float | None, until: float) -> float | None:
        """Say how long to wait after attempt number `attempt`, from 0; None is to give up."""
        if attempt >= self.retries:
            return None
        least = FIRST_SECONDS * 2**attempt if retry_after is None else retry_after
        wait = least * (1 + SPREAD * self.chance())
        return wait if wait < self.left(until) else None


def check_deadline(seconds: float | None) -> None:
    """Raise ValueError for a deadline that the service would not take."""
    if seconds is not None:
        check_seconds("deadline", seconds, LONGEST_DEADLINE)


def check_seconds(name: str, seconds: float, longest: int) -> None:
    """Raise ValueError for what nobody can wait. What is not above 0 is a time that is over."""
    if not (seconds <= longest or seconds == math.inf):  # NaN is neither
        raise ValueError(
            f"{name}: found {seconds}, expected seconds, up to {longest}, or math.inf for no end"
        )


def seconds_of(retry_after: str | None) -> float | None:
    """Read a `Retry-After`, of seconds or, as proxies send it, a date (RFC 9110, §10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
