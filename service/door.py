"""Door: how many requests come in each time the event loop goes round, and none when all is full.

A loop that served every socket that is ready before it looked at the device again would let the
device wait while hundreds are read. Who finds no room in the queue waits outside, where it costs
nothing, and few a second are refused: to refuse takes the loop about half as long as to
answer, so that refusing all at once would leave it no time for those whom it can serve. Of those
outside the oldest and the newest come in alternately: served in order, where there are too many,
all are too late. Refused are the newest, who have not waited yet, and who has waited in vain.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from service.engine.batcher import OVER, Batcher
from service.engine.errors import ExpiredError
from service.errors import OverloadedError

AT_ONCE = 96
"""Somewhat more than a batch: the device must not wait for requests either."""

REFUSED = 500
"""How many are refused in a second: a twentieth of the event loop's time."""

PATIENCE = 10.0
"""Seconds that anybody waits outside; a deadline of one's own may end it before."""

PAUSE = 0.001
"""Seconds until the door is tried again where nobody could be let in or refused."""


class Waiting(NamedTuple):
    """One who stands outside, since a time of the door's clock."""

    turn: "asyncio.Future[None]"
    since: float


class Door:
    """Stands in front of everything that has to be computed."""

    def __init__(self, batcher: Batcher, clock: Callable[[], float] = perf_counter) -> None:
        self._batcher = batcher
        self._clock = clock
        self._room = min(AT_ONCE, batcher.room)
        self._outside: deque[Waiting] = deque()
        self._scheduled = False
        self._to_refuse = float(AT_ONCE)  # how many may be now
        self._looked = clock()

    async def enter(self, due: float = math.inf) -> None:
        """Wait for one's turn, until a time of the clock at most.

        Raises OverloadedError when not one more image may wait, ExpiredError when the time is over.
        """
        self._open_soon()
        if self._room > 0 and not self._outside and not self._batcher.full:
            self._room -= 1
            return
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._outside.append(Waiting(turn, self._clock()))
        if due < math.inf:
            timer = loop.call_later(due - self._clock(), end, turn, ExpiredError(OVER))
            turn.add_done_callback(lambda done: timer.cancel())
        await turn

    def _open_soon(self) -> None:
        """Have the next round of the event loop open the door again."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._open)

    def _open(self) -> None:
        """Let in as many as there is room for; of those who stay outside, refuse a few."""
        self._scheduled = False
        self._room = min(AT_ONCE, self._batcher.room)
        moved = self._let_in() + self._refuse()
        if self._outside and moved > 1:
            self._open_soon()
        elif self._outside:
            self._scheduled = True
            asyncio.get_running_loop().call_later(PAUSE, self._open)

    def _let_in(self) -> int:
        called = 0
        while self._outside and self._room > 0:
            turn = (self._outside.pop() if called % 2 else self._outside.popleft()).turn
            if not turn.done():  # else its time was over
                turn.set_result(None)
                self._room -= 1
                called += 1
        return called

    def _refuse(self) -> int:
        if not self._batcher.full:
            return 0
        now = self._clock()
        earned = REFUSED * (now - self._looked)
        self._to_refuse, self._looked = min(AT_ONCE, self._to_refuse + earned), now
        refused = 0
        while self._outside and self._outside[0].since < now - PATIENCE and refused < AT_ONCE:
            refused += self._tell(self._outside.popleft().turn)
        while self._outside and self._to_refuse >= 1:
            told = self._tell(self._outside.pop().turn)
            self._to_refuse -= told
            refused += told
        return refused

    def _tell(self, turn: "asyncio.Future[None]") -> int:
        """Tell one that there is no room, unless its time was over; count it."""
        if turn.done():
            return 0
        full = self._batcher.refusal()
        end(turn, OverloadedError(f"{full}: try again later", full.retry_after))
        return 1


def end(turn: "asyncio.Future[None]", why: Exception) -> None:
    """Tell one who waits that it is in vain."""
    if not turn.done():
        turn.set_exception(why)
