"""Forecast: when work would be done, by what each batch should take and the last ones did."""

import math
from collections.abc import Callable

from service.engine.pace import Pace
from service.engine.policy import Batch, Item, Lane, of

Expect = Callable[[Lane, int], float]
"""Says how many seconds so many images of a lane should take, in batches as full as can be."""


class Forecast:
    """Knows the device's pace, what it has and what waits for it; times are the clock's seconds."""

    def __init__(self, clock: Callable[[], float], expect: Expect, capacity: int) -> None:
        self._clock = clock
        self._expect = expect
        self._capacity = capacity
        self._pace = Pace()
        self._sent: list[float] = []  # what each batch that the device has should take
        self._images = 0
        self._queued = 0.0  # what the images that wait should take

    def begin(self) -> None:
        """Note that there is work again, after none."""
        self._pace.begin(self._clock())

    def queue(self, lane: Lane, images: int) -> None:
        """Note that more images wait, or fewer; in a queue that lasts they make full batches."""
        self._images += images
        each = self._expect(lane, self._capacity) / self._capacity
        self._queued = self._queued + images * each if self._images else 0.0

    def send(self, batch: Batch) -> float:
        """Note that the device has a batch, and return what it should take."""
        expected = self._expect(batch.lane, batch.size)
        self._sent.append(expected)
        return expected

    def note(self, batch: Batch) -> None:
        """Note that the device has made a batch."""
        self._pace.note(self._expect(batch.lane, batch.size), self._clock())

    def forget(self, expected: float) -> None:
        """Note that the device has a batch no longer, whatever became of it."""
        self._sent.remove(expected)

    def seconds(self, lane: Lane, images: int) -> float:
        """Say how long images take."""
        return self._pace.factor * self._expect(lane, images)

    def wait(self, lane: Lane, images: int) -> float:
        """Say in how many seconds images would be done that come behind those that wait."""
        return self.cleared() + self.seconds(lane, images)

    def doubt(self) -> None:
        """Note that an idle device was not asked, because of the pace that it had."""
        self._pace.doubt()

    def cleared(self) -> float:
        """Say in how many seconds all that waits will be done."""
        return self.busy() + self._pace.factor * self._queued

    def busy(self) -> float:
        """Say how long the device will take for what it has."""
        if not self._sent:
            return 0.0
        passed = self._clock() - self._pace.since
        return max(0.0, self._pace.factor * sum(self._sent) - passed)

    def late(self, batch: Batch) -> list[tuple[Item, float]]:
        """Name the items of a batch that would be too late even if nothing else were computed.

        Each with the time at which it would be done.
        """
        begins = self._clock() + self.busy()
        return [
            (item, done)
            for item, start, _ in batch.parts
            if item.context.due < math.inf
            and (done := begins + self.seconds(batch.lane, item.size - start)) >= item.context.due
        ]

    def timely(self, batch: Batch) -> Batch:
        """Leave out of a batch what would make those before it too late."""
        begins, due, size = self._clock() + self.busy(), math.inf, 0
        for place, (item, start, stop) in enumerate(batch.parts):
            due = min(due, item.context.due)
            size += stop - start
            if place and due < math.inf and begins + self.seconds(batch.lane, size) > due:
                return of(batch, batch.parts[:place])
        return batch
