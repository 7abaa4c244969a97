"""Watch: work whose client left is not done for nobody, and nobody waits for ever for a body."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from starlette.types import Receive

from service import errors
from service.engine.batcher import Result

PATIENCE_SECONDS = 0.05
"""Most work is done sooner than this: only what takes longer is worth listening for its client."""

T = TypeVar("T")


async def within(seconds: float, waiting: Awaitable[T]) -> T:
    """Wait so long. Raises TimeoutError.

    As `asyncio.timeout`, which takes five times as long to set up: most bodies are there already.
    """
    task = asyncio.current_task()
    assert task is not None, "this is a coroutine"
    over = False

    def give_up() -> None:
        nonlocal over
        over = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        return await waiting
    except asyncio.CancelledError:
        if over and task.uncancel() == 0:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


async def unless_disconnected(receive: Receive, future: "asyncio.Future[Result]") -> Result:
    """Wait for the future; cancel it when the client leaves, so that nothing is computed for it."""
    watch = Watch(receive, future)
    later = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, watch.start)
    try:
        return await future
    except asyncio.CancelledError:
        if watch.left:
            raise errors.GoneError("the client left") from None
        raise
    finally:
        later.cancel()
        watch.stop()


class Watch:
    """Cancels a future when the client leaves."""

    def __init__(self, receive: Receive, future: "asyncio.Future[Result]") -> None:
        self.left = False
        self._receive = receive
        self._future = future
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen for the end of the connection."""
        self._task = asyncio.create_task(self._listen())

    def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = (
                None  # whose traceback leads back here: a cycle, with all that was computed
            )

    async def _listen(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self._future.cancel()
