"""Account: how much of the device's time each lane has had, for `policy.choose`.

Start-time fair queueing (Goyal et al. 1996): a lane that comes back takes up no time that it let
pass, and none that it owes is forgotten.
"""

from collections.abc import Container

from service.engine.policy import Lane


class Account:
    """Seconds by lane, on a scale on which the lane whose turn it is stands at `now`."""

    def __init__(self) -> None:
        self.spent: dict[Lane, float] = {}
        self._now = 0.0

    def enter(self, lane: Lane) -> None:
        """Let a lane in that had nothing to do."""
        self.spent[lane] = max(self.spent.get(lane, 0.0), self._now)

    def turn_to(self, lane: Lane, waiting: Container[Lane]) -> None:
        """Note whose turn it is, and forget lanes that would come back no later."""
        self._now = self.spent[lane]
        past = [one for one, at in self.spent.items() if at <= self._now and one not in waiting]
        for one in past:
            del self.spent[one]

    def charge(self, lane: Lane, seconds: float) -> None:
        """Add what the device spent on a lane."""
        self.spent[lane] = max(self.spent.get(lane, 0.0), self._now) + seconds
