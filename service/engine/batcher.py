"""Batcher: the queue in front of one device. It knows neither torch nor HTTP.

Work-conserving: whenever the device is free and anything waits, a batch is sealed at once, of
what waits at that moment. Batches grow by themselves while the device is busy. One that is full
cannot grow: it is sent ahead, so that the device has it when it is done with the one before.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from service.engine.account import Account
from service.engine.errors import (
    ClosedError,
    EngineError,
    ExpiredError,
    OutOfMemoryError,
    QueueFullError,
    TooLateError,
)
from service.engine.forecast import Expect, Forecast
from service.engine.policy import Batch, Item, Lane, Part, by_image, by_item, choose
from service.engine.work import Rows

Compute = Callable[[Lane, Sequence[Part]], Awaitable[Rows]]
"""Makes the rows of all parts, in order, or raises."""

OVER = "its time was over"


class Work(Protocol):
    """What an item asks for: as many images as it has rows."""

    def __len__(self) -> int: ...


class Result(NamedTuple):
    """The rows of one item, (n, ...), and where their time went, in seconds.

    `arrived` and `done` are times of the batcher's clock, `batch` is how many images the last batch
    had that the item was in.
    """

    rows: Rows
    queued: float
    computed: float
    arrived: float
    done: float
    batch: int


class Observer(Protocol):
    """Hears what happens, for the metrics."""

    def queued(self, images: int) -> None: ...
    def sealed(self, batch: Batch, waits: Sequence[float], full: bool) -> None: ...
    def computed(self, batch: Batch, seconds: float) -> None: ...
    def cancelled(self, stage: str, images: int) -> None: ...
    def out_of_memory(self) -> None: ...


@dataclass(slots=True)
class Ticket:
    """The waiting side of an item."""

    future: "asyncio.Future[Result]"
    arrived: float
    due: float = math.inf
    started: float = 0.0
    computed: float = 0.0
    done: int = 0
    rows: Rows | None = None


class Batcher:
    """Queue items by lane, seal batches, hand out rows; `run` must be awaited for it to serve."""

    def __init__(
        self,
        compute: Compute,
        observer: Observer,
        *,
        expect: Expect,
        capacity: int,
        limit: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._account = Account()
        self._compute = compute
        self._observer = observer
        self._capacity = capacity
        self._limit = limit
        self._lanes: dict[Lane, deque[Item]] = {}
        self._waiting = 0
        self._turns = 0
        self._open = True
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._forecast = Forecast(clock, expect, capacity)
        self._done = 0.0  # when the device was last done with a batch
        self._ahead: asyncio.Task[None] | None = None

    def submit(
        self, lane: Lane, work: Work, seconds: float | None = None
    ) -> "asyncio.Future[Result]":
        """Queue work that may take so many seconds, and return its future.

        Cancelling the future takes the work out of the queue; it raises ExpiredError when the time
        is over, TooLateError when that is seen before. Raises these, QueueFullError or ClosedError.
        An empty queue takes any size that a request may have.
        """
        size = len(work)
        if not self._open:
            raise ClosedError
        if self._waiting and self._waiting + size > self._limit:
            raise self.refusal()
        if seconds is not None:
            self._refuse_late(lane, size, seconds)
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        now = self._clock()
        due = math.inf if seconds is None else now + seconds
        item = Item(lane, work, size, context=Ticket(future, now, due))
        future.add_done_callback(lambda done: self._drop(item) if done.cancelled() else None)
        if seconds is not None:
            timer = loop.call_later(seconds, self._expire, item)
            future.add_done_callback(lambda done: timer.cancel())
        self._enqueue(item)
        self._wait_for(lane, size)
        self._wake.set()
        return future

    def _refuse_late(self, lane: Lane, size: int, seconds: float) -> None:
        if seconds <= 0:
            raise ExpiredError(OVER)
        wait = self._forecast.wait(lane, size)
        if wait > seconds:
            if self._idle.is_set():  # lest one long stall has an idle device refuse for ever
                self._forecast.doubt()
            raise TooLateError(wait)

    async def run(self) -> None:
        """Serve until cancelled: seal, compute, hand out, again."""
        soon = asyncio.get_running_loop().call_soon
        self._forecast.begin()
        while True:
            if self._ahead is not None:
                ahead, self._ahead = self._ahead, None
                soon(self._send_ahead)
                await ahead
                continue
            batch = self._next()
            if batch is None:
                self._account = Account()  # nobody waits for what another has had
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
                self._forecast.begin()
                continue
            self._idle.clear()
            soon(self._send_ahead)
            await self._seal_and_serve(batch)

    def _next(self) -> Batch | None:
        """Choose the next batch, of what is in time and can be done in time."""
        while True:
            batch = choose(self._lanes, self._capacity, self._account.spent)
            if batch is None:
                return None
            if not self._expired(batch):
                return self._forecast.timely(batch)

    def _send_ahead(self) -> None:
        """Let the device have a batch that is full before it asks for one."""
        if self._ahead is not None or self._idle.is_set():
            return
        batch = self._next()
        if batch is not None and batch.size == self._capacity:
            self._ahead = asyncio.create_task(self._seal_and_serve(batch))

    async def _seal_and_serve(self, batch: Batch) -> None:
        expected = self._forecast.send(batch)
        try:
            self._account.turn_to(batch.lane, self._lanes)
            self._seal(batch)
            await self._serve(batch)
        except Exception as error:  # a fault of ours: whoever asked is not left waiting
            self._fail(batch, error)
            raise
        finally:
            self._forecast.forget(expected)

    async def drain(self) -> None:
        """Take no more work and return when all that was accepted is done."""
        self._open = False
        while self._waiting or not self._idle.is_set():
            await self._idle.wait()
            await asyncio.sleep(0)

    @property
    def waiting(self) -> int:
        """Images in the queue."""
        return self._waiting

    @property
    def full(self) -> bool:
        """Whether not one more image may wait."""
        return self._waiting >= self._limit

    @property
    def room(self) -> int:
        """How many requests more may wait that are as large as those that do; if not full, one."""
        left, items = self._limit - self._waiting, sum(map(len, self._lanes.values()))
        if left <= 0 or not items:
            return max(0, left)
        return max(1, left * items // self._waiting)

    def refusal(self) -> QueueFullError:
        """Say that there is no room, and in how long what waits will have been computed."""
        return QueueFullError(self._waiting, self._limit, self._forecast.cleared())

    def _enqueue(self, item: Item) -> None:
        item.turn = self._turns
        self._turns += 1
        if item.lane not in self._lanes:
            self._account.enter(item.lane)
        self._lanes.setdefault(item.lane, deque()).append(item)

    def _wait_for(self, lane: Lane, images: int) -> None:
        self._waiting += images
        self._forecast.queue(lane, images)
        self._observer.queued(self._waiting)

    def _seal(self, batch: Batch) -> None:
        """Take the parts of the batch out of the queue."""
        now = self._clock()
        queue = self._lanes[batch.lane]
        waits = []
        for part in batch.parts:
            item, ticket = queue.popleft(), part.item.context
            item.taken = part.stop
            if part.start == 0:
                ticket.started = now
                waits.append(now - ticket.arrived)
            if item.taken < item.size:
                self._enqueue(item)
        if not queue:
            del self._lanes[batch.lane]
        self._wait_for(batch.lane, -batch.size)
        self._observer.sealed(batch, waits, batch.size == self._capacity)

    async def _serve(self, batch: Batch) -> None:
        """Compute a batch; what fails is computed again in halves, so that one item fails alone."""
        try:
            rows, seconds = await self._timed(batch)
        except OutOfMemoryError as error:
            self._observer.out_of_memory()
            self._capacity = max(1, min(self._capacity, batch.size // 2))
            await self._halve(batch, by_image(batch), error)
            return
        except Exception as error:  # whatever the device raises belongs to those who asked
            await self._halve(batch, by_item(batch), error)
            return
        self._forecast.note(batch)
        self._observer.computed(batch, seconds)
        place = 0
        for part in batch.parts:
            size = part.stop - part.start
            self._deliver(part, rows[place : place + size], seconds, batch.size)
            place += size

    async def _timed(self, batch: Batch) -> tuple[Rows, float]:
        """Compute, and charge the lane for the seconds that it took, whatever came of it."""
        began = self._clock()
        try:
            rows = await self._compute(batch.lane, batch.parts)
        finally:
            done = self._clock()
            seconds = done - max(began, self._done)  # it may have waited for the one before
            self._done = done
            self._account.charge(batch.lane, seconds)
        return rows, seconds

    async def _halve(
        self, batch: Batch, halves: tuple[Batch, Batch] | None, error: Exception
    ) -> None:
        """Serve the halves of a batch that failed, or fail what cannot be halved."""
        if halves is None:
            self._fail(batch, error)
            return
        for half in halves:
            await self._serve(half)

    def _expired(self, batch: Batch) -> bool:
        """Give up on what will be too late or is wanted no longer, though no timer has said so."""
        late = self._forecast.late(batch)
        gone = [part.item for part in batch.parts if part.item.context.future.done()]
        for item, done in late:
            self._give_up(item, self._lateness(item.context, done))
        for item in gone:
            self._drop(item)
        return bool(late or gone)

    def _deliver(self, part: Part, rows: Rows, seconds: float, batch: int) -> None:
        """Give an item its rows; the last ones complete it."""
        item, ticket = part.item, part.item.context
        if ticket.future.done():
            self._observer.cancelled("computing", len(rows))
            return
        ticket.computed += seconds
        ticket.done += len(rows)
        if len(rows) < item.size:
            if ticket.rows is None:
                ticket.rows = np.empty((item.size, *rows.shape[1:]), rows.dtype)
            ticket.rows[part.start : part.stop] = rows
            rows = ticket.rows
        if ticket.done == item.size:
            queued = ticket.started - ticket.arrived
            ticket.future.set_result(
                Result(rows, queued, ticket.computed, ticket.arrived, self._done, batch)
            )

    def _fail(self, batch: Batch, error: Exception) -> None:
        for part in batch.parts:
            if not part.item.context.future.done():
                self._remove(part.item)
                part.item.context.future.set_exception(error)

    def _lateness(self, ticket: Ticket, done: float) -> EngineError:
        """Say that an item's time is over or, while it is not, how long it would take in all."""
        over = ticket.due <= self._clock()
        return ExpiredError(OVER) if over else TooLateError(done - ticket.arrived)

    def _expire(self, item: Item) -> None:
        """Give up on an item whose time is over; what the device makes of it is dropped."""
        self._give_up(item, ExpiredError(OVER))

    def _give_up(self, item: Item, why: EngineError) -> None:
        if not item.context.future.done():
            left = self._remove(item)
            if left:
                self._observer.cancelled("expired", left)
            item.context.future.set_exception(why)

    def _drop(self, item: Item) -> None:
        """Forget what nobody waits for any more."""
        left = self._remove(item)
        if left:
            self._observer.cancelled("queued", left)

    def _remove(self, item: Item) -> int:
        """Take what is left of an item out of its lane; return how many images that were."""
        queue = self._lanes.get(item.lane, deque())
        with suppress(ValueError):
            queue.remove(item)
            if not queue:
                del self._lanes[item.lane]
            left = item.size - item.taken
            self._wait_for(item.lane, -left)
            return left
        return 0
