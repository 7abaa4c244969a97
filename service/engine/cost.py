"""Cost: how long a model's batches take on its device, as measured when it was placed there."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Self

TRIES = 2
"""The quicker one counts: whatever else the machine did made the other one slow."""

Compute = Callable[[int], object]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Seconds of a batch of one image and of a full one; all others lie on the line between."""

    one: float
    full: float
    capacity: int

    @classmethod
    def measure(
        cls, compute: Compute, capacity: int, clock: Callable[[], float] = perf_counter
    ) -> Self:
        """Time `compute`, which makes so many images and returns when they are made."""
        one, full = (quickest(compute, images, clock) for images in (1, capacity))
        return cls(one=min(one, full), full=full, capacity=capacity)

    def seconds(self, images: int) -> float:
        """Say how long images take, in batches as full as can be."""
        batches, rest = divmod(images, self.capacity)
        if not rest:
            return batches * self.full
        share = (rest - 1) / (self.capacity - 1)
        return batches * self.full + self.one + share * (self.full - self.one)


def quickest(compute: Compute, images: int, clock: Callable[[], float]) -> float:
    """Say how many seconds `compute` takes."""
    times = []
    for _ in range(TRIES):
        began = clock()
        compute(images)
        times.append(clock() - began)
    return min(times)
