"""Forecast: when work would be done, by what the last batches took."""

import math
from collections.abc import Callable

from service.engine.policy import Batch, Item, of
from service.engine.rate import Rate


class Forecast:
    """Knows the device's rate and how many images it has; times are the clock's seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rate = Rate()
        self._sent = 0

    def begin(self) -> None:
        """Note that there is work again, after none."""
        self._rate.begin(self._clock())

    def send(self, images: int) -> None:
        """Note that the device has more images."""
        self._sent += images

    def note(self, images: int) -> None:
        """Note that the device has made images."""
        self._rate.note(images, self._clock())

    def forget(self, images: int) -> None:
        """Note that the device has images no longer, whatever became of them."""
        self._sent -= images

    def seconds(self, images: int) -> float:
        """Say how long images take; 0 where nothing has been computed."""
        return images * self._rate.seconds_per_image

    def wait(self, images: int, waiting: int) -> float:
        """Say in how many seconds images would be done that come behind those that wait."""
        if not self._sent and not waiting:
            return 0.0  # nothing is known of a device that is idle
        return self.busy() + self.seconds(waiting + images)

    def busy(self) -> float:
        """Say how long the device will take for what it has."""
        if not self._sent:
            return 0.0
        passed = self._clock() - self._rate.since
        return max(0.0, self.seconds(self._sent) - passed)

    def late(self, batch: Batch) -> list[Item]:
        """Name the items of a batch that would be too late even if nothing else were computed."""
        begins = self._clock() + self.busy()
        return [
            item
            for item, start, _ in batch.parts
            if begins + self.seconds(item.size - start) >= item.context.due
        ]

    def timely(self, batch: Batch) -> Batch:
        """Leave out of a batch what would make those before it too late."""
        begins, due, size = self._clock() + self.busy(), math.inf, 0
        for place, (item, start, stop) in enumerate(batch.parts):
            due = min(due, item.context.due)
            size += stop - start
            if place and begins + self.seconds(size) > due:
                return of(batch, batch.parts[:place])
        return batch
