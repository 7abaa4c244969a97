"""Which batch next: a pure function of the queues.

Work waits in lanes; only what shares a lane (a model) can share a batch. The lane on which the
device has spent least goes next, so that one that is flooded, or slow, takes no more than its share
from another (start-time fair queueing: Goyal et al. 1996); of equal ones that whose head has waited
longest. An item larger than the room left is split, and what is left of it goes
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


def choose(
    lanes: Mapping[Lane, Iterable[Item]], capacity: int, spent: Mapping[Lane, float]
) -> Batch | None:
    """Choose the next batch of at most `capacity` images, or None when no item waits.

    `spent` is the device's time on each lane. Changes nothing: the caller takes the parts out of
    its queues.
    """
    heads = {lane: head for lane, items in lanes.items() if (head := next(iter(items), None))}
    if not heads:
        return None
    lane = min(heads, key=lambda name: (spent.get(name, 0.0), heads[name].turn))
    parts: list[Part] = []
    room = capacity
    for item in lanes[lane]:
        stop = min(item.size, item.taken + room)
        parts.append(Part(item, item.taken, stop))
        room -= stop - item.taken
        if room == 0:
            break
    return Batch(lane, tuple(parts), capacity - room)


def by_item(batch: Batch) -> tuple[Batch, Batch] | None:
    """Halve a batch between its items; None where it has one."""
    middle = len(batch.parts) // 2
    return (of(batch, batch.parts[:middle]), of(batch, batch.parts[middle:])) if middle else None


def by_image(batch: Batch) -> tuple[Batch, Batch] | None:
    """Halve a batch between its images, in the midst of an item if need be; None where it has one.

    The items' places in the queue are not looked at: this is for what has been taken out of it.
    """
    room = batch.size // 2
    first: list[Part] = []
    second: list[Part] = []
    for item, start, stop in batch.parts:
        middle = min(stop, start + room)
        room -= middle - start
        first += [Part(item, start, middle)] if middle > start else []
        second += [Part(item, middle, stop)] if stop > middle else []
    return (of(batch, first), of(batch, second)) if first else None


def of(batch: Batch, parts: Iterable[Part]) -> Batch:
    """Make a batch of some of another's parts."""
    kept = tuple(parts)
    return Batch(batch.lane, kept, sum(part.stop - part.start for part in kept))
