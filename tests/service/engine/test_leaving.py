"""Who leaves, and what fails in the wrong place: nothing is left behind and nobody hangs."""

import asyncio
import gc
from collections.abc import Sequence
from weakref import WeakSet

import pytest

from service.engine.batcher import Batcher, Result
from service.engine.policy import Batch
from tests.service.engine.test_batcher import Device, Log, running, soon, work


class Load:
    """Work of which a test can see that it is gone."""

    def __len__(self) -> int:
        return 1

    def __getitem__(self, place: int) -> int:
        return 1


@pytest.mark.anyio
async def test_12_a_thousand_who_leave_leave_nothing_behind() -> None:
    """One of each pair leaves while it waits, the other while it is computed."""
    alive: WeakSet[Load] = WeakSet()

    def leaving(batcher: Batcher) -> "asyncio.Future[Result]":
        load = Load()
        alive.add(load)
        return batcher.submit("a", load)

    async with running() as (batcher, device, log):
        tasks = len(asyncio.all_tasks())
        for _ in range(500):
            late, stays = leaving(batcher), batcher.submit("a", work(2))
            await device.started.acquire()
            early = leaving(batcher)
            early.cancel()
            late.cancel()
            await asyncio.sleep(0)
            device.allowed.release()
            assert (await stays).rows.tolist() == [[2, 0]]
        del early, late
        gc.collect()
        assert log.left == 500 * [("queued", 1), ("computing", 1)]
        assert (batcher.waiting, len(alive), len(asyncio.all_tasks())) == (0, 0, tasks)


@pytest.mark.anyio
async def test_13_ray_50046_a_batch_of_which_all_leave_holds_up_no_later_one() -> None:
    """Ten ask at a time, of batches of eight; they leave at every moment that there is."""
    async with running(capacity=8) as (batcher, device, log):
        for moment in range(12):
            leaving = [batcher.submit("a", work(n)) for n in range(10)]
            for _ in range(moment):
                await asyncio.sleep(0)
            if moment % 2:
                device.allowed.release()
            for future in leaving:
                future.cancel()
            await asyncio.sleep(0)
        for _ in range(100):
            device.allowed.release()
        stays = [batcher.submit("a", work(n)) for n in range(10)]
        rows = [(await asyncio.wait_for(future, 30)).rows.tolist() for future in stays]
        assert rows == [[[n, 0]] for n in range(10)]
        assert batcher.waiting == log.waiting == 0


class Wrong(Log):
    """Cannot cope with a batch that has work of number 1 in it."""

    def sealed(self, batch: Batch, waits: Sequence[float], full: bool) -> None:
        if any(part.item.work[0] == 1 for part in batch.parts):
            raise TypeError("no size")


@pytest.mark.anyio
async def test_13_ray_66140_what_fails_outside_the_device_fails_its_batch_and_is_told() -> None:
    """`ok`, an error, `ok`: there the second and all later ones waited for ever."""
    device = Device()
    batcher = Batcher(device.compute, Wrong(), expect=soon, capacity=4, limit=100)

    async def supervise() -> None:
        while True:
            with pytest.raises(TypeError, match="no size"):
                await batcher.run()

    task = asyncio.create_task(supervise())
    for _ in range(10):
        device.allowed.release()
    for number in (0, 1, 2):
        future = batcher.submit("a", work(number, 10))
        if number == 1:
            with pytest.raises(TypeError, match="no size"):
                await asyncio.wait_for(future, 30)
        else:
            assert len((await asyncio.wait_for(future, 30)).rows) == 10
    assert batcher.waiting == 0
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
