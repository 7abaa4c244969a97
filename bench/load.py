"""Load: so many requests a second, each for images of new seeds, and what came back of each.

It runs in a process of its own, which imports no more than it needs.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import NamedTuple

import uvloop

from bench.client import Answer, Times, offer, post

OK, REFUSED, LATE = 200, 503, 504
DEADLINE = "X-Deadline-Ms"


class Asked(NamedTuple):
    """One answer: when it was asked for, how long it took, and what it said of the queue.

    `queued` is the time that it waited for the networks, of an answer with images; `retry_after`
    is what a refusal says; `late` is by how much it was sent after it was due.
    """

    sent: float
    seconds: float
    status: int
    queued: float | None = None
    retry_after: float | None = None
    late: float = 0.0


class Order(NamedTuple):
    """A request of a seed that nobody asked for before."""

    request: bytes


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is asked for, at which rate, by how many connections at most, in how many milliseconds.

    Without a deadline any time will do.
    """

    model: str
    images: int
    rate: float
    seconds: float
    connections: int
    deadline: int | None = None


def ask(port: int, load: Load) -> tuple[list[Asked], Counter[str]]:
    """Offer a load, in this process."""
    asked: list[Asked] = []
    faults: Counter[str] = Counter()

    def hear(order: Order, found: Answer, times: Times) -> None:
        late = max(0.0, times.sent - times.due)
        asked.append(read(found, times.sent)._replace(late=late))
        faults.update(judge(found, load.deadline))

    uvloop.run(offer(port, orders(load), hear, connections=load.connections, rate=load.rate,
                     seconds=load.seconds))  # fmt: skip
    return asked, faults


def orders(load: Load) -> Iterator[Order]:
    """Ask for one seed after another."""
    form = "png" if load.images == 1 else "npy"
    headers = {} if load.deadline is None else {DEADLINE: str(load.deadline)}
    for seed in count(0, load.images):
        body = {"model": load.model, "n": load.images, "seed": seed, "format": form}
        yield Order(post("/generate", body, headers))


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


def judge(found: Answer, deadline: int | None = None) -> list[str]:
    """Say what is wrong with an answer: expected images, or a refusal with a time to come back.

    Where there is a deadline it may say that it was too late, too.
    """
    if found.status == OK or (found.status == REFUSED and found.header("retry-after")):
        return []
    if found.status == LATE and deadline is not None:
        return []
    return [f"{found.status} {found.body[:200]!r}"]


def good(asked: Sequence[Asked]) -> list[Asked]:
    """Keep the answers with images."""
    return [one for one in asked if one.status == OK]


def goodput(asked: Sequence[Asked]) -> float:
    """Count answers with images in a second, until the last one has come."""
    found = good(asked)
    if not found:
        return 0.0
    ends = max(one.sent + one.seconds for one in found)
    return len(found) / (ends - min(one.sent for one in found))
