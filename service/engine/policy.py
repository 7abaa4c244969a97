"""Which batch next: a pure function of the queues.

Work waits in lanes; only what shares a lane (a model) can share a batch. The lane whose head has
waited longest goes next. An item larger than the room left is split, and what is left of it goes
to the end of its lane, so that a large request never holds up the small ones behind it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Lane = Any
"""Hashable; what it is, only the device has to know."""


@dataclass(slots=True, eq=False)
class Item:
    """One request's work: `size` images, of which `taken` have been put into batches.

    `turn` orders the waiting: a number that grows with each arrival and each return to the queue.
    """

    lane: Lane
    work: Any
    size: int
    turn: int = 0
    taken: int = 0
    context: Any = field(default=None, repr=False)


class Part(NamedTuple):
    """Images `start` to `stop` of an item."""

    item: Item
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What the device computes in one go."""

    lane: Lane
    parts: tuple[Part, ...]
    size: int


def choose(lanes: Mapping[Lane, Iterable[Item]], capacity: int) -> Batch | None:
    """Choose the next batch of at most `capacity` images, or None when no item waits.

    Changes nothing: the caller takes the parts out of its queues.
    """
    heads = {lane: head for lane, items in lanes.items() if (head := next(iter(items), None))}
    if not heads:
        return None
    lane = min(heads, key=lambda name: heads[name].turn)
    parts: list[Part] = []
    room = capacity
    for item in lanes[lane]:
        stop = min(item.size, item.taken + room)
        parts.append(Part(item, item.taken, stop))
        room -= stop - item.taken
        if room == 0:
            break
    return Batch(lane, tuple(parts), capacity - room)
