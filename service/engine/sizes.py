"""Sizes: the few batch sizes that a device computes; a batch is padded to the next one."""

from bisect import bisect_left
from typing import Self


class Sizes(tuple[int, ...]):
    """Batch sizes, rising."""

    @classmethod
    def up_to(cls, capacity: int) -> Self:
        """List the powers of two below the capacity, and the capacity."""
        return cls(sorted({*(2**k for k in range(capacity.bit_length())), capacity}))

    def fit(self, count: int) -> int:
        """Say to how many rows a batch of `count` is padded."""
        return self[bisect_left(self, count)]
