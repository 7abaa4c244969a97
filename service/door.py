"""Door: how many requests come in each time the event loop goes round, and none when all is full.

A loop that served every socket that is ready before it looked at the device again would let the
device wait while hundreds are told that there is no room. Of those outside the oldest and the
newest have their turn alternately: served in order, where there are too many, all are too late.
"""

import asyncio
from collections import deque

from service.engine.batcher import Batcher
from service.errors import OverloadedError

AT_ONCE = 96
"""Somewhat more than a batch: the device must not wait for requests either."""


class Door:
    """Stands in front of everything that has to be computed."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher
        self._room = AT_ONCE
        self._outside: deque[asyncio.Future[None]] = deque()
        self._counting = False

    async def enter(self) -> None:
        """Wait for one's turn. Raises OverloadedError when not one more image may wait."""
        if self._room <= 0 or self._outside:
            turn = asyncio.get_running_loop().create_future()
            self._outside.append(turn)
            await turn
        self._room -= 1
        self._count()
        if self._batcher.full:
            full = self._batcher.refusal()
            raise OverloadedError(f"{full}: try again later", full.retry_after)

    def _count(self) -> None:
        """Have the next round of the event loop open the door again."""
        if not self._counting:
            self._counting = True
            asyncio.get_running_loop().call_soon(self._open)

    def _open(self) -> None:
        self._counting = False
        self._room = AT_ONCE
        called = 0
        while self._outside and called < AT_ONCE:
            turn = self._outside.pop() if called % 2 else self._outside.popleft()
            if not turn.done():  # else its client has left
                turn.set_result(None)
                called += 1
        if self._outside:
            self._count()
