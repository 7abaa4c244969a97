"""The batcher with a device that does what a test tells it: events, no sleeps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from service.engine.batcher import Batcher, ClosedError, QueueFullError, Rows
from service.engine.policy import Batch, Lane, Part


class Device:
    """Compute when allowed; each row is its item's number and its place in it."""

    def __init__(self) -> None:
        self.allowed = asyncio.Semaphore(0)
        self.started = asyncio.Semaphore(0)
        self.batches: list[list[tuple[int, int, int]]] = []
        self.error: Exception | None = None

    async def compute(self, lane: Lane, parts: Sequence[Part]) -> Rows:
        self.batches.append([(part.item.work[0], part.start, part.stop) for part in parts])
        self.started.release()
        await self.allowed.acquire()
        if self.error is not None:
            raise self.error
        rows = [(p.item.work[0], place) for p in parts for place in range(p.start, p.stop)]
        return np.array(rows, np.uint8)


class Log:
    """Remember what the batcher says."""

    def __init__(self) -> None:
        self.waiting = 0
        self.reasons: list[bool] = []
        self.left: list[tuple[str, int]] = []

    def queued(self, images: int) -> None:
        self.waiting = images

    def sealed(self, batch: Batch, waits: Sequence[float], full: bool) -> None:
        self.reasons.append(full)

    def computed(self, batch: Batch, seconds: float) -> None:
        assert seconds >= 0

    def cancelled(self, stage: str, images: int) -> None:
        self.left.append((stage, images))


@asynccontextmanager
async def running(
    capacity: int = 4, limit: int = 100
) -> AsyncIterator[tuple[Batcher, Device, Log]]:
    device, log = Device(), Log()
    batcher = Batcher(device.compute, log, capacity=capacity, limit=limit)
    task = asyncio.create_task(batcher.run())
    yield batcher, device, log
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def work(number: int, size: int = 1) -> list[int]:
    return [number] * size


@pytest.mark.anyio
async def test_a_lone_item_is_computed_at_once() -> None:
    async with running() as (batcher, device, _):
        future = batcher.submit("a", work(7))
        await device.started.acquire()
        device.allowed.release()
        result = await future
        assert result.rows.tolist() == [[7, 0]]
        assert result.queued < 1


@pytest.mark.anyio
async def test_what_arrives_while_the_device_is_busy_shares_the_next_batch() -> None:
    async with running() as (batcher, device, log):
        futures = [batcher.submit("a", work(0))]
        await device.started.acquire()
        futures += [batcher.submit("a", work(n)) for n in (1, 2, 3, 4, 5)]
        assert log.waiting == 5
        for _ in range(3):
            device.allowed.release()
        rows = [(await future).rows.tolist() for future in futures]
        assert rows == [[[n, 0]] for n in range(6)]
        assert [[part[0] for part in batch] for batch in device.batches] == [[0], [1, 2, 3, 4], [5]]
        assert log.reasons == [False, True, False]
        assert log.waiting == 0


@pytest.mark.anyio
async def test_a_large_item_is_split_and_small_ones_go_between() -> None:
    async with running() as (batcher, device, _):
        large = batcher.submit("a", work(1, 10))
        await device.started.acquire()
        small = batcher.submit("a", work(2))
        for _ in range(3):
            device.allowed.release()
        assert (await large).rows.tolist() == [[1, place] for place in range(10)]
        assert (await small).rows.tolist() == [[2, 0]]
        assert device.batches == [[(1, 0, 4)], [(1, 4, 8)], [(2, 0, 1), (1, 8, 10)]]


@pytest.mark.anyio
async def test_a_cancelled_item_never_reaches_the_device() -> None:
    async with running() as (batcher, device, log):
        first = batcher.submit("a", work(0))
        await device.started.acquire()
        gone, stays = batcher.submit("a", work(1, 3)), batcher.submit("a", work(2))
        gone.cancel()
        await asyncio.sleep(0)
        assert log.waiting == 1
        device.allowed.release()
        device.allowed.release()
        await asyncio.gather(first, stays)
        assert device.batches == [[(0, 0, 1)], [(2, 0, 1)]]
        assert log.left == [("queued", 3)]


@pytest.mark.anyio
async def test_an_item_cancelled_while_computing_harms_no_other() -> None:
    async with running() as (batcher, device, log):
        blocker = batcher.submit("a", work(9))
        await device.started.acquire()
        gone, stays = batcher.submit("a", work(1)), batcher.submit("a", work(2))
        device.allowed.release()
        await blocker
        await device.started.acquire()
        gone.cancel()
        device.allowed.release()
        assert (await stays).rows.tolist() == [[2, 0]]
        assert log.left == [("computing", 1)]


@pytest.mark.anyio
async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    async with running(limit=3) as (batcher, device, _):
        futures = [batcher.submit("a", work(0))]
        await device.started.acquire()
        futures += [batcher.submit("a", work(1, 3))]
        with pytest.raises(QueueFullError, match="3 images wait, the queue holds 3"):
            batcher.submit("a", work(2))
        for _ in range(2):
            device.allowed.release()
        await asyncio.gather(*futures)


@pytest.mark.anyio
async def test_a_failing_batch_fails_its_own_items_and_no_later_one() -> None:
    async with running() as (batcher, device, _):
        device.error = RuntimeError("broken")
        failing = batcher.submit("a", work(0, 10))
        await device.started.acquire()
        device.allowed.release()
        with pytest.raises(RuntimeError, match="broken"):
            await failing
        device.error = None
        device.allowed.release()
        assert (await batcher.submit("a", work(1))).rows.tolist() == [[1, 0]]
        assert batcher.waiting == 0


@pytest.mark.anyio
async def test_draining_finishes_what_was_accepted_and_takes_no_more() -> None:
    async with running() as (batcher, device, _):
        futures = [batcher.submit("a", work(n, 3)) for n in range(3)]
        drain = asyncio.create_task(batcher.drain())
        await device.started.acquire()
        with pytest.raises(ClosedError):
            batcher.submit("a", work(9))
        assert not drain.done()
        for _ in range(3):
            device.allowed.release()
        await drain
        assert all(future.done() for future in futures)


@pytest.mark.anyio
async def test_lanes_never_share_a_batch() -> None:
    async with running() as (batcher, device, _):
        futures = [batcher.submit(lane, work(n)) for n, lane in enumerate("abab")]
        for _ in range(4):
            device.allowed.release()
        await asyncio.gather(*futures)
        assert device.batches == [[(0, 0, 1), (2, 0, 1)], [(1, 0, 1), (3, 0, 1)]]
