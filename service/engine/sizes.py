"""Sizes: the few batch sizes that a device computes; a batch is padded to the next one."""

from bisect import bisect_left
from typing import Self


class Sizes(tuple[int, ...]):
    """Batch sizes, rising."""

    @classmethod
    def up_to(cls, capacity: int) -> Self:
        """List the powers of two, the middles between them, and the capacity, which is the last."""
        steps = {2**k + half for k in range(capacity.bit_length()) for half in (0, 2**k // 2)}
        return cls(sorted({size for size in steps if size < capacity} | {capacity}))

    def fit(self, count: int) -> int:
        """Say to how many rows a batch of `count` is padded."""
        return self[bisect_left(self, count)]
