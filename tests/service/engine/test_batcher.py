"""The batcher with a device that does what a test tells it: events, no sleeps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from service.engine.batcher import Batcher
from service.engine.errors import (
    ClosedError,
    ExpiredError,
    OutOfMemoryError,
    QueueFullError,
    TooLateError,
)
from service.engine.policy import Batch, Lane, Part
from service.engine.work import Rows


def soon(lane: Lane, images: int) -> float:
    """Expect hardly anything of a device: an item may be late, but is not seen to be."""
    return 1e-6 * images


class Device:
    """Compute when allowed; each row is its item's number and its place in it."""

    def __init__(self) -> None:
        self.allowed = asyncio.Semaphore(0)
        self.started = asyncio.Semaphore(0)
        self.batches: list[list[tuple[int, int, int]]] = []
        self.error: Exception | None = None
        self.poison: int | None = None
        self.memory = 1000

    async def compute(self, lane: Lane, parts: Sequence[Part]) -> Rows:
        self.batches.append([(part.item.work[0], part.start, part.stop) for part in parts])
        self.started.release()
        await self.allowed.acquire()
        if self.error is not None:
            raise self.error
        if any(part.item.work[0] == self.poison for part in parts):
            raise RuntimeError("poison")
        if sum(part.stop - part.start for part in parts) > self.memory:
            raise OutOfMemoryError
        rows = [(p.item.work[0], place) for p in parts for place in range(p.start, p.stop)]
        return np.array(rows, np.uint8)


class Log:
    """Remember what the batcher says."""

    def __init__(self) -> None:
        self.waiting = 0
        self.reasons: list[bool] = []
        self.left: list[tuple[str, int]] = []
        self.oom = 0

    def queued(self, images: int) -> None:
        self.waiting = images

    def sealed(self, batch: Batch, waits: Sequence[float], full: bool) -> None:
        self.reasons.append(full)

    def computed(self, batch: Batch, seconds: float) -> None:
        assert seconds >= 0

    def cancelled(self, stage: str, images: int) -> None:
        self.left.append((stage, images))

    def out_of_memory(self) -> None:
        self.oom += 1


@asynccontextmanager
async def running(
    capacity: int = 4, limit: int = 100
) -> AsyncIterator[tuple[Batcher, Device, Log]]:
    device, log = Device(), Log()
    batcher = Batcher(device.compute, log, expect=soon, capacity=capacity, limit=limit)
    task = asyncio.create_task(batcher.run())
    yield batcher, device, log
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def work(number: int, size: int = 1) -> list[int]:
    return [number] * size


@pytest.mark.anyio
async def test_05_a_lone_item_is_computed_at_once() -> None:
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
async def test_07_a_large_item_is_split_and_small_ones_go_between() -> None:
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
async def test_12_a_cancelled_item_never_reaches_the_device() -> None:
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
async def test_12_an_item_cancelled_while_computing_harms_no_other() -> None:
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
async def test_14_a_full_queue_refuses_and_says_when_to_come_back() -> None:
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
        device.allowed.release()  # for what was sent ahead of its other images
        device.allowed.release()
        assert (await batcher.submit("a", work(1))).rows.tolist() == [[1, 0]]
        assert batcher.waiting == 0


@pytest.mark.anyio
@pytest.mark.parametrize("bad", range(8))
async def test_20_a_poisonous_item_fails_alone(bad: int) -> None:
    """Seven others were in its batch; it is found in halves, in at most 1 + 2 log2 8 batches."""
    async with running(capacity=8) as (batcher, device, _):
        blocker = batcher.submit("a", work(99))
        await device.started.acquire()
        device.poison = bad
        futures = [batcher.submit("a", work(number)) for number in range(8)]
        for _ in range(8):
            device.allowed.release()
        found = await asyncio.gather(*futures, return_exceptions=True)
        await blocker
        assert len(device.batches) == 8
        assert [n for n, one in enumerate(found) if isinstance(one, Exception)] == [bad]
        assert str(found[bad]) == "poison"
        rows = [one.rows.tolist() for one in found if not isinstance(one, BaseException)]
        assert rows == [[[number, 0]] for number in range(8) if number != bad]


@pytest.mark.anyio
async def test_19_what_there_is_no_memory_for_is_made_in_parts_and_the_size_is_remembered() -> None:
    async with running(capacity=16) as (batcher, device, log):
        device.memory = 5
        for _ in range(100):
            device.allowed.release()
        futures = [batcher.submit("a", work(number, size)) for number, size in ((0, 9), (1, 7))]
        for number, (result, size) in enumerate(
            zip(await asyncio.gather(*futures), (9, 7), strict=True)
        ):
            assert result.rows.tolist() == [[number, place] for place in range(size)]
        failures = log.oom
        assert 0 < failures < 5
        again = await batcher.submit("a", work(3, 16))
        assert again.rows.tolist() == [[3, place] for place in range(16)]
        assert log.oom == failures


@pytest.mark.anyio
async def test_an_image_that_there_is_no_memory_for_fails() -> None:
    async with running() as (batcher, device, _):
        device.memory = 0
        for _ in range(10):
            device.allowed.release()
        with pytest.raises(OutOfMemoryError):
            await batcher.submit("a", work(0, 4))


@pytest.mark.anyio
async def test_10_an_expired_item_never_reaches_the_device() -> None:
    async with running() as (batcher, device, log):
        first = batcher.submit("a", work(0))
        await device.started.acquire()
        late = batcher.submit("a", work(1, 3), seconds=0.01)
        stays = batcher.submit("a", work(2), seconds=60)
        with pytest.raises(ExpiredError):
            await late
        assert log.waiting == 1
        device.allowed.release()
        device.allowed.release()
        await asyncio.gather(first, stays)
        assert device.batches == [[(0, 0, 1)], [(2, 0, 1)]]
        assert log.left == [("expired", 3)]


@pytest.mark.anyio
async def test_10_an_item_that_expires_while_computing_is_answered_on_time() -> None:
    async with running() as (batcher, device, log):
        late = batcher.submit("a", work(1), seconds=0.01)
        await device.started.acquire()
        with pytest.raises(ExpiredError):
            await late
        device.allowed.release()
        device.allowed.release()
        await batcher.submit("a", work(2))
        assert log.left == [("computing", 1)]


@pytest.mark.anyio
async def test_11_a_deadline_that_cannot_be_met_is_refused_at_once() -> None:
    async with running(limit=10_000) as (batcher, device, _):
        device.allowed.release()
        await batcher.submit("a", work(0))  # now it knows how long an image takes
        await device.started.acquire()
        blocker = batcher.submit("a", work(1))
        await device.started.acquire()
        waiting = batcher.submit("a", work(2, 4))
        with pytest.raises(TooLateError, match="it would take about"):
            batcher.submit("a", work(3), seconds=1e-9)
        device.allowed.release()
        device.allowed.release()
        await asyncio.gather(blocker, waiting)
        assert batcher.waiting == 0


COSTS = {"fast": 0.001, "slow": 0.01}  # seconds an image


async def share(flooding: str, other: str) -> float:
    """Return the other lane's share of the device while one lane has 2,000 images waiting.

    The other one has a few clients, each of which asks again when it is answered.
    """
    now, spent = 0.0, dict.fromkeys(COSTS, 0.0)

    async def compute(lane: Lane, parts: Sequence[Part]) -> Rows:
        nonlocal now
        seconds = COSTS[lane] * sum(part.stop - part.start for part in parts)
        now += seconds
        spent[lane] += seconds
        await asyncio.sleep(0)
        return np.zeros((sum(part.stop - part.start for part in parts), 1), np.uint8)

    batcher = Batcher(
        compute,
        Log(),
        expect=lambda lane, images: COSTS[lane] * images,
        capacity=16,
        limit=10_000,
        clock=lambda: now,
    )
    task = asyncio.create_task(batcher.run())
    flood = [batcher.submit(flooding, work(0)) for _ in range(2000)]

    async def client() -> None:
        while batcher.waiting > 400:
            await batcher.submit(other, work(1, 4))

    await asyncio.gather(*(client() for _ in range(8)))
    found = spent[other] / sum(spent.values())
    for future in flood:
        future.cancel()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return found


@pytest.mark.anyio
@pytest.mark.parametrize(("flooding", "other"), [("fast", "slow"), ("slow", "fast")])
async def test_08_a_lane_that_floods_leaves_another_its_half_of_the_device(
    flooding: str, other: str
) -> None:
    """Of its time, not of its turns: one lane's images take ten times as long as the other's."""
    assert 0.45 <= await share(flooding, other) <= 0.55


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
