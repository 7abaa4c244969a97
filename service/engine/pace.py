"""Pace: how long batches take beside what they should, and what goes on between two of them."""

REMEMBERED = 0.95
"""How much of what is known still counts after another batch."""

TRUSTED = 0.5
"""So many seconds of batches count, at first, as having taken what they should."""


class Pace:
    """Seconds that batches took and should have taken, of which older ones count less and less."""

    def __init__(self) -> None:
        self._expected = self._took = TRUSTED
        self.since = 0.0

    def begin(self, now: float) -> None:
        """Note that there is work again: time passes from now on."""
        self.since = now

    def note(self, expected: float, now: float) -> None:
        """Note a batch that is done, and should have taken so many seconds."""
        self._expected = REMEMBERED * self._expected + expected
        self._took = REMEMBERED * self._took + now - self.since
        self.since = now

    def doubt(self) -> None:
        """Believe half as much that the device is slow: no batch will tell that it no longer is."""
        self._took -= max(0.0, self._took - self._expected) / 2

    @property
    def factor(self) -> float:
        """What to multiply expected seconds by."""
        return self._took / self._expected
