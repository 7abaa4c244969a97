"""When requests are due, and on which connections they are sent."""

import asyncio
import math
from collections.abc import Iterator
from itertools import repeat

import pytest

from bench import client
from bench.client import Answer, Arrivals, Times, offer
from bench.load import Order

JOB = Order(b"request")


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(client, "monotonic", clock)
    return clock


def test_at_a_rate_they_are_due_evenly_whatever_the_time(clock: Clock) -> None:
    arrivals = Arrivals(rate=4, seconds=1)
    clock.now += 0.5  # every connection was in use
    assert list(iter(arrivals.next, None)) == [100.25, 100.5, 100.75]


def test_what_was_missed_for_long_is_left_out(clock: Clock) -> None:
    arrivals = Arrivals(rate=4, seconds=60)
    clock.now += 10
    assert arrivals.next() == clock.now - client.BEHIND


def test_without_a_rate_they_are_due_at_once_until_the_end(clock: Clock) -> None:
    arrivals = Arrivals(rate=math.inf, seconds=60)
    clock.now += 10
    assert arrivals.next() == clock.now
    clock.now += 50
    assert arrivals.next() is None


class Spy:
    """Stands for all connections: notes which are used, and how many at once."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds  # of the event loop that an answer takes
        self.used: set[int] = set()
        self.busy = self.most = self.closed = 0

    async def ask(self, number: int) -> Answer:
        self.used.add(number)
        self.busy += 1
        self.most = max(self.most, self.busy)
        for _ in range(self.rounds):
            await asyncio.sleep(0)
        self.busy -= 1
        return Answer(200, b"", b"")


class Connection:
    """One of them."""

    def __init__(self, spy: Spy, number: int) -> None:
        self.spy, self.number = spy, number

    async def ask(self, request: bytes) -> Answer:
        return await self.spy.ask(self.number)

    def close(self) -> None:
        self.spy.closed += 1


def ask(monkeypatch: pytest.MonkeyPatch, spy: Spy, *, jobs: int, rate: float) -> list[Times]:
    """Offer some jobs on three connections."""
    numbers: Iterator[int] = iter(range(3))
    monkeypatch.setattr(client, "Client", lambda port: Connection(spy, next(numbers)))
    heard: list[Times] = []
    asyncio.run(
        offer(0, repeat(JOB, jobs), lambda job, answer, times: heard.append(times), connections=3,
              rate=rate)
    )  # fmt: skip
    return heard


def test_where_one_connection_is_enough_no_other_is_opened(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(rounds=0)
    assert len(ask(monkeypatch, spy, jobs=20, rate=1e4)) == 20
    assert (len(spy.used), spy.closed) == (1, 3)


@pytest.mark.parametrize("rate", [1e6, math.inf])
def test_no_more_are_asked_at_once_than_there_are_connections(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(rounds=50)
    heard = ask(monkeypatch, spy, jobs=20, rate=rate)
    assert (len(heard), spy.most, spy.closed) == (20, 3, 3)
    assert all(times.sent >= times.due for times in heard[3:])
