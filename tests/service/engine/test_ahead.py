"""Batches that are sent ahead: full ones, of which the device always has the next."""

import asyncio

from service.engine.batcher import Batcher
from tests.service.engine.test_batcher import Device, Log, soon, work


def started(device: Device) -> list[int]:
    return [sum(stop - start for _, start, stop in batch) for batch in device.batches]


async def rounds() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_one_full_batch_is_sent_ahead_and_no_more() -> None:
    async def run() -> None:
        device = Device()
        batcher = Batcher(device.compute, Log(), expect=soon, capacity=4, limit=100)
        server = asyncio.create_task(batcher.run())
        large = batcher.submit("a", work(1, 14))
        await rounds()
        assert started(device) == [4, 4]
        for expected in ([4, 4, 4], [4, 4, 4], [4, 4, 4, 2]):
            device.allowed.release()
            await rounds()
            assert started(device) == expected, "what is not full may grow: it is sent late"
        device.allowed.release()
        assert (await large).rows.tolist() == [[1, place] for place in range(14)]
        server.cancel()

    asyncio.run(run())


def test_what_is_not_full_waits_for_the_device_and_grows() -> None:
    async def run() -> None:
        device = Device()
        batcher = Batcher(device.compute, Log(), expect=soon, capacity=4, limit=100)
        server = asyncio.create_task(batcher.run())
        futures = [batcher.submit("a", work(0))]
        await rounds()
        futures += [batcher.submit("a", work(number)) for number in (1, 2)]
        await rounds()
        assert started(device) == [1]
        futures.append(batcher.submit("a", work(3)))
        device.allowed.release()
        await rounds()
        assert started(device) == [1, 3]
        device.allowed.release()
        await asyncio.gather(*futures)
        server.cancel()

    asyncio.run(run())


def test_what_is_sent_ahead_is_finished_before_the_service_is_drained() -> None:
    async def run() -> None:
        device = Device()
        batcher = Batcher(device.compute, Log(), expect=soon, capacity=4, limit=100)
        server = asyncio.create_task(batcher.run())
        large = batcher.submit("a", work(1, 8))
        await rounds()
        assert started(device) == [4, 4]
        drained = asyncio.create_task(batcher.drain())
        await rounds()
        device.allowed.release()
        await rounds()
        assert not drained.done()
        device.allowed.release()
        await drained
        assert large.done()
        server.cancel()

    asyncio.run(run())
