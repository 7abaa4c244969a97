"""Load: so many requests a second, each for images of new seeds, and what came back of each.

It runs in a process of its own, which imports no more than it needs.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import NamedTuple

import uvloop

from bench.client import Answer, offer, post

OK, REFUSED = 200, 503


class Asked(NamedTuple):
    """One answer: when it was asked for, how long it took, and what it said of the queue.

    `queued` is the time that it waited for the networks, of an answer with images; `retry_after`
    is what a refusal says.
    """

    sent: float
    seconds: float
    status: int
    queued: float | None = None
    retry_after: float | None = None


class Order(NamedTuple):
    """A request of a seed that nobody asked for before."""

    request: bytes


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is asked for, at which rate, and by how many connections at most."""

    model: str
    images: int
    rate: float
    seconds: float
    connections: int


def ask(port: int, load: Load) -> tuple[list[Asked], Counter[str]]:
    """Offer a load, in this process."""
    asked: list[Asked] = []
    faults: Counter[str] = Counter()

    def hear(order: Order, found: Answer, sent: float) -> None:
        asked.append(read(found, sent))
        faults.update(judge(found))

    uvloop.run(offer(port, orders(load), hear, connections=load.connections, rate=load.rate,
                     seconds=load.seconds))  # fmt: skip
    return asked, faults


def orders(load: Load) -> Iterator[Order]:
    """Ask for one seed after another."""
    form = "png" if load.images == 1 else "npy"
    for seed in count(0, load.images):
        body = {"model": load.model, "n": load.images, "seed": seed, "format": form}
        yield Order(post("/generate", body))


def read(found: Answer, sent: float) -> Asked:
    """Keep what matters of an answer."""
    seconds = monotonic() - sent
    if found.status == OK:
        timing = found.header("server-timing") or ""
        return Asked(sent, seconds, OK, queued=queued(timing))
    told = found.header("retry-after")
    return Asked(sent, seconds, found.status, retry_after=float(told) if told else None)


def queued(timing: str) -> float:
    """Read the seconds in the queue from `queue;dur=0.061, compute;dur=0.917`, in milliseconds."""
    return float(timing.partition("queue;dur=")[2].partition(",")[0]) / 1000


def judge(found: Answer) -> list[str]:
    """Say what is wrong with an answer: expected images, or a refusal with a time to come back."""
    if found.status == OK or (found.status == REFUSED and found.header("retry-after")):
        return []
    return [f"{found.status} {found.body[:200]!r}"]
