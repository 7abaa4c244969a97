"""Items whose time is over before the event loop comes to their timers."""

import asyncio

import pytest

from service.engine.batcher import Batcher, Result
from service.engine.errors import ExpiredError, TooLateError
from service.engine.policy import Lane
from tests.service.engine.test_batcher import Device, Log, soon, work


def test_what_is_late_already_is_not_computed_though_no_timer_has_said_so() -> None:
    async def run() -> tuple[Device, Log]:
        now = 0.0
        device, log = Device(), Log()
        batcher = Batcher(
            device.compute, log, expect=soon, capacity=4, limit=100, clock=lambda: now
        )
        server = asyncio.create_task(batcher.run())
        blocker = batcher.submit("a", work(1))
        await device.started.acquire()
        late = batcher.submit("a", work(2, 3), seconds=60)
        other = batcher.submit("a", work(3), seconds=600)
        now = 61.0  # the event loop was busy for a minute: its own timers know nothing of it
        device.allowed.release()
        with pytest.raises(ExpiredError):
            await late
        device.allowed.release()
        await asyncio.gather(blocker, other)
        server.cancel()
        return device, log

    device, log = asyncio.run(run())
    assert [[number for number, _, _ in batch] for batch in device.batches] == [[1], [3]]
    assert log.left == [("expired", 3)]


def a_second_each(lane: Lane, images: int) -> float:
    return float(images)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def unhurried(device: Device, log: Log, clock: Clock) -> Batcher:
    """Make a batcher whose device takes a second an image, four at a time."""
    return Batcher(device.compute, log, expect=a_second_each, capacity=4, limit=100, clock=clock)


async def begin(batcher: Batcher, device: Device, clock: Clock) -> "asyncio.Future[Result]":
    """Let four images take as long as they should, and have four others computed."""
    known = batcher.submit("a", work(0, 4))
    await device.started.acquire()
    clock.now += 4.0
    device.allowed.release()
    await known
    under_way = batcher.submit("a", work(1, 4))
    await device.started.acquire()
    return under_way


def test_what_is_being_computed_counts_for_a_deadline() -> None:
    """Four images take 4 seconds: with one second gone, another four are done in seven."""

    async def run() -> None:
        clock, device = Clock(), Device()
        batcher = unhurried(device, Log(), clock)
        server = asyncio.create_task(batcher.run())
        under_way = await begin(batcher, device, clock)
        clock.now += 1.0
        with pytest.raises(TooLateError) as late:
            batcher.submit("a", work(2, 4), seconds=6.9)
        assert late.value.wait == pytest.approx(7, rel=0.01)
        in_time = batcher.submit("a", work(3, 4), seconds=7.1)
        device.allowed.release()
        device.allowed.release()
        await asyncio.gather(under_way, in_time)
        server.cancel()

    asyncio.run(run())


def test_11_an_idle_device_is_no_reason_to_begin_what_takes_too_long() -> None:
    async def run() -> list[tuple[str, int]]:
        log, device = Log(), Device()
        batcher = unhurried(device, log, Clock())
        with pytest.raises(TooLateError, match="it would take about 4 seconds"):
            batcher.submit("a", work(0, 4), seconds=3.9)
        with pytest.raises(ExpiredError):
            batcher.submit("a", work(0, 4), seconds=0)
        return log.left

    assert asyncio.run(run()) == []


def test_11_what_is_seen_to_be_too_late_while_it_waits_is_told_how_long_it_would_take() -> None:
    """Eight seconds are enough for four images behind four others, if these take their four."""

    async def run() -> list[tuple[str, int]]:
        clock, device, log = Clock(), Device(), Log()
        batcher = unhurried(device, log, clock)
        server = asyncio.create_task(batcher.run())
        under_way = await begin(batcher, device, clock)
        late = batcher.submit("a", work(2, 4), seconds=8.1)
        clock.now += 6.0
        device.allowed.release()
        with pytest.raises(TooLateError) as seen:
            await late
        assert seen.value.wait > 10
        await under_way
        server.cancel()
        return log.left

    assert asyncio.run(run()) == [("expired", 4)]


def test_a_batch_takes_no_more_than_can_be_done_in_time_for_those_before() -> None:
    """At a second an image, two that have 3.5 seconds are not kept waiting for two that have 60."""

    async def run() -> Device:
        clock, device = Clock(), Device()
        batcher = unhurried(device, Log(), clock)
        server = asyncio.create_task(batcher.run())
        under_way = await begin(batcher, device, clock)
        left = [(2, 3.5), (3, 3.5), (4, 60.0), (5, 60.0)]  # when the device is free
        waiting = [batcher.submit("a", work(n), seconds=4 + seconds) for n, seconds in left]
        clock.now += 4.0
        device.allowed.release()
        for _ in range(3):
            device.allowed.release()
        await asyncio.gather(under_way, *waiting)
        server.cancel()
        return device

    device = asyncio.run(run())
    assert [[number for number, _, _ in batch] for batch in device.batches[2:]] == [[2, 3, 4], [5]]


def test_a_stall_does_not_have_an_idle_device_refuse_for_ever() -> None:
    """Where every request has a deadline, no other batch would tell that it is over."""

    async def run() -> int:
        clock, device = Clock(), Device()
        batcher = unhurried(device, Log(), clock)
        server = asyncio.create_task(batcher.run())
        stalled = batcher.submit("a", work(0, 1))
        await device.started.acquire()
        clock.now += 1000.0
        device.allowed.release()
        await stalled
        await asyncio.sleep(0)
        refused = 0
        for _ in range(20):
            try:
                asked = batcher.submit("a", work(1, 1), seconds=2)
            except TooLateError:
                refused += 1
                continue
            device.allowed.release()
            await asked
            break
        server.cancel()
        return refused

    assert 0 < asyncio.run(run()) < 15
