"""Watch: work whose client left is not done for nobody."""

import asyncio
from typing import Any, TypeVar

from starlette.types import Receive

from service import errors

T = TypeVar("T")

PATIENCE_SECONDS = 0.05
"""Most work is done sooner than this: only what takes longer is worth listening for its client."""


async def unless_disconnected(receive: Receive, future: "asyncio.Future[T]") -> T:
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

    def __init__(self, receive: Receive, future: "asyncio.Future[Any]") -> None:
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
