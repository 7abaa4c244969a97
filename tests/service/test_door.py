"""The door: a round of the event loop lets so many in, and nobody where there is no room."""

import asyncio

import pytest

from service.door import AT_ONCE, Door
from service.engine.batcher import Batcher
from service.errors import OverloadedError
from tests.service.engine.test_batcher import Device, Log, soon


class Sized:
    def __init__(self, images: int) -> None:
        self.images = images

    def __len__(self) -> int:
        return self.images


def batcher() -> Batcher:
    return Batcher(Device().compute, Log(), expect=soon, capacity=4, limit=8)


def test_a_round_lets_so_many_in_and_the_next_the_oldest_and_the_newest() -> None:
    async def run() -> list[list[int]]:
        door = Door(batcher())
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
