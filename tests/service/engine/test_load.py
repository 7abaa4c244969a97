"""The batcher under load, on a clock that only the device moves: no test waits, none is noisy."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from service.engine.batcher import Batcher, Result
from service.engine.errors import QueueFullError
from service.engine.policy import Lane, Part
from service.engine.work import Rows
from tests.service.engine.test_batcher import Log, work

CAPACITY = 16


class Timed:
    """Takes a second for each batch, one after the other; who was answered asks again meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sizes: list[int] = []
        self.turn = asyncio.Lock()

    async def compute(self, lane: Lane, parts: Sequence[Part]) -> Rows:
        size = sum(part.stop - part.start for part in parts)
        async with self.turn:
            self.sizes.append(size)
            await asyncio.sleep(0)
            self.now += 1
        return np.zeros((size, 1), np.uint8)


@asynccontextmanager
async def timed(limit: int = 10_000) -> AsyncIterator[tuple[Batcher, Timed]]:
    device = Timed()
    batcher = Batcher(
        device.compute,
        Log(),
        expect=lambda lane, images: math.ceil(images / CAPACITY),
        capacity=CAPACITY,
        limit=limit,
        clock=lambda: device.now,
    )
    task = asyncio.create_task(batcher.run())
    yield batcher, device
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def turns(count: int) -> None:
    """Let the event loop go round."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.anyio
async def test_05_an_idle_device_begins_before_the_event_loop_has_gone_round_twice() -> None:
    """No window is opened in which others may come: it would cost a lone request its length."""
    async with timed() as (batcher, device):
        for number in range(1, 4):
            await turns(5)
            future = batcher.submit("a", work(0))
            await turns(2)
            assert len(device.sizes) == number
            assert (await future).queued == 0


@pytest.mark.anyio
async def test_06_at_saturation_batches_are_full() -> None:
    """Four times as many clients as a batch has room for, each of which asks again."""
    async with timed() as (batcher, device):

        async def client() -> None:
            for _ in range(20):
                await batcher.submit("a", work(0))

        await asyncio.gather(*(client() for _ in range(4 * CAPACITY)))
        assert sum(device.sizes) == 20 * 4 * CAPACITY
        assert np.mean(device.sizes) >= 0.8 * CAPACITY


async def slowest(large: int) -> float:
    """Return in how many batches 99 of 100 single images are there; half a batch comes each time.

    `large` images are asked for by one more request.
    """
    async with timed() as (batcher, device):
        if large:
            whole = batcher.submit("a", work(1, large))
        took: list[float] = []

        async def note(began: float, future: Awaitable[Result]) -> None:
            await future
            took.append(device.now - began)

        tasks = []
        for batch in range(60):
            asked = [(device.now, batcher.submit("a", work(0))) for _ in range(CAPACITY // 2)]
            tasks += [asyncio.create_task(note(*one)) for one in asked]
            while device.now <= batch:
                await turns(1)
        await asyncio.gather(*tasks)
        assert not large or len((await whole).rows) == large
        return float(np.percentile(took, 99))


@pytest.mark.anyio
async def test_07_a_large_request_delays_small_ones_by_at_most_two_batches() -> None:
    assert await slowest(256) - await slowest(0) <= 2


@pytest.mark.anyio
async def test_09_neither_a_stranger_nor_a_large_request_starves() -> None:
    """Two lanes never run dry; every other lane, and every part of a request, has its turn."""
    async with timed() as (batcher, device):
        flood = [
            asyncio.create_task(keep_asking(batcher, lane))
            for lane in ("a", "b")
            for _ in range(64)
        ]
        await turns(50)
        for number in range(20):
            stranger = batcher.submit(f"stranger {number}", work(0))
            await batches(device, 4)  # two are under way, and one of each lane may come first
            assert stranger.done()
        large = batcher.submit("a", work(1, 8 * CAPACITY))
        await batches(device, 100)  # each time that it returns to its lane 64 others wait there
        assert large.done()
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)


async def batches(device: Timed, count: int) -> None:
    """Wait for so many batches, and until those who were in them know of it."""
    until = device.now + count
    while device.now < until:
        await turns(1)
    await turns(3)


async def keep_asking(batcher: Batcher, lane: str) -> None:
    while True:
        await batcher.submit(lane, work(0))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("before", "at_once"),
    [(0, 1), (1, 1), (300, 1), (10, CAPACITY)],
    ids=["a start", "a lone image", "lone images", "full batches"],
)
async def test_14_the_time_to_come_back_is_the_true_wait(before: int, at_once: int) -> None:
    """What waits will have been computed by then, give or take 20 %, whatever came before.

    A lone image takes this device as long as a full batch.
    """
    async with timed(limit=20 * CAPACITY) as (batcher, device):
        for _ in range(before):
            await asyncio.gather(*(batcher.submit("a", work(0)) for _ in range(at_once)))
        waiting = [batcher.submit("a", work(0)) for _ in range(20 * CAPACITY)]
        with pytest.raises(QueueFullError) as refused:
            batcher.submit("a", work(0))
        began = device.now
        await asyncio.gather(*waiting)
        assert refused.value.retry_after == pytest.approx(device.now - began, rel=0.2)
