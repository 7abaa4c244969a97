"""The door: a round of the event loop lets so many in, and nobody where there is no room."""

import asyncio
from collections.abc import Callable
from time import perf_counter

import pytest

from service.door import AT_ONCE, PATIENCE, PAUSE, REFUSED, Door
from service.engine.batcher import Batcher
from service.engine.errors import ExpiredError
from service.errors import OverloadedError
from tests.service.engine.test_batcher import Device, Log, soon


class Sized:
    def __init__(self, images: int) -> None:
        self.images = images

    def __len__(self) -> int:
        return self.images


def batcher(limit: int = 8) -> Batcher:
    return Batcher(Device().compute, Log(), expect=soon, capacity=4, limit=limit)


def test_a_round_lets_so_many_in_and_the_next_the_oldest_and_the_newest() -> None:
    async def run() -> list[list[int]]:
        door = Door(batcher(limit=4 * AT_ONCE))
        entered: list[int] = []

        async def come(number: int) -> None:
            await door.enter()
            entered.append(number)

        tasks = [asyncio.create_task(come(number)) for number in range(3 * AT_ONCE)]
        seen = []
        while len(entered) < len(tasks):
            before = len(entered)
            await asyncio.sleep(0)
            if len(entered) > before:
                seen.append(entered[before:])
        await asyncio.gather(*tasks)
        return seen

    rounds = asyncio.run(run())
    assert sorted(number for numbers in rounds for number in numbers) == list(range(3 * AT_ONCE))
    assert max(map(len, rounds)) == AT_ONCE
    assert rounds[0] == list(range(AT_ONCE))
    assert rounds[1][:4] == [AT_ONCE, 3 * AT_ONCE - 1, AT_ONCE + 1, 3 * AT_ONCE - 2]


def test_nobody_enters_where_there_is_no_room() -> None:
    async def run() -> None:
        full = batcher()
        door = Door(full)
        await door.enter()
        future = full.submit("lane", Sized(8))
        with pytest.raises(OverloadedError, match="8 images wait, the queue holds 8") as refused:
            await door.enter()
        assert refused.value.headers["Retry-After"] == "1"
        future.cancel()
        await asyncio.sleep(0)
        await door.enter()

    asyncio.run(run())


def shut(clock: Callable[[], float]) -> Door:
    """Make a door that lets nobody in: what waits fills the queue."""
    full = batcher()
    full.submit("lane", Sized(8))
    return Door(full, clock)


class Crowd:
    """Many who come to a door at once; their numbers, when they came in or were refused."""

    def __init__(self, door: Door, count: int) -> None:
        self.entered: list[int] = []
        self.refused: list[int] = []
        self.tasks = [asyncio.create_task(self.come(door, number)) for number in range(count)]

    async def come(self, door: Door, number: int) -> None:
        try:
            await door.enter()
        except OverloadedError:
            self.refused.append(number)
        else:
            self.entered.append(number)


async def wait() -> None:
    """Let the door be tried several times."""
    await asyncio.sleep(5 * PAUSE)


def test_of_many_the_newest_are_refused_and_no_more_than_can_be_afforded() -> None:
    async def run() -> None:
        now = 0.0
        door = shut(lambda: now)
        crowd = Crowd(door, 3 * AT_ONCE)
        await wait()
        assert sorted(crowd.refused) == list(range(2 * AT_ONCE, 3 * AT_ONCE))
        now = 10 / REFUSED
        await wait()
        assert sorted(crowd.refused) == list(range(2 * AT_ONCE - 10, 3 * AT_ONCE))
        assert crowd.entered == []

    asyncio.run(run())


def test_nobody_waits_outside_for_ever() -> None:
    async def run() -> None:
        now = 0.0
        door = shut(lambda: now)
        crowd = Crowd(door, 8 * AT_ONCE)
        await wait()
        assert len(crowd.refused) == AT_ONCE
        now = PATIENCE
        await wait()
        assert len(crowd.refused) == 2 * AT_ONCE, "no more are saved up"
        now = PATIENCE + 1e-6
        await asyncio.wait(crowd.tasks, timeout=10)
        assert sorted(crowd.refused) == list(range(len(crowd.tasks)))

    asyncio.run(run())


def test_who_waits_outside_comes_in_when_there_is_room() -> None:
    async def run() -> None:
        full = batcher()
        door = Door(full, clock=lambda: 0.0)
        waiting = [full.submit("lane", Sized(2)) for _ in range(4)]
        Crowd(door, AT_ONCE)  # are refused, and nobody else is: no time passes
        await wait()
        crowd = Crowd(door, 20)
        await wait()
        assert crowd.entered == []
        for future in waiting:
            future.cancel()
        await wait()
        assert sorted(crowd.entered) == list(range(20))
        assert crowd.refused == []

    asyncio.run(run())


def test_no_more_come_in_at_once_than_there_is_room_for() -> None:
    async def run() -> None:
        full = batcher(limit=100)
        door = Door(full, clock=lambda: 0.0)
        futures = [full.submit("lane", Sized(10)) for _ in range(10)]
        crowd = Crowd(door, 2 * AT_ONCE)
        await wait()
        futures[0].cancel()
        futures[1].cancel()
        await asyncio.sleep(0)
        assert full.room == 2
        door._open()
        await asyncio.sleep(0)
        assert len(crowd.entered) == 2, "as large as those that wait, there is room for two"

    asyncio.run(run())


def test_nobody_waits_outside_for_longer_than_it_may_take() -> None:
    async def run() -> None:
        door = shut(perf_counter)
        Crowd(door, 2 * AT_ONCE)
        with pytest.raises(ExpiredError):
            await door.enter(perf_counter() - 1)

    asyncio.run(run())
