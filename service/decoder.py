"""Decoder: uploaded images become pixels one at a time, in a thread that does nothing else.

A small file can be a large image. One at a time, they neither fill the memory nor keep the threads
that others wait for; and one whose client has left is not begun.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.types import Receive

from service.errors import OverloadedError
from service.watch import unless_disconnected

MOST = 1 << 23
"""Bytes of all files that are there at once: thousands of small ones, eight of the largest."""

T = TypeVar("T")


class Decoder:
    """Has one file decoded after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="decoder")
        self._waiting = 0

    async def run(self, receive: Receive, size: int, decode: Callable[[], T]) -> T:
        """Decode a file of so many bytes in its turn; an idle decoder takes any.

        Raises OverloadedError, GoneError, or what `decode` raises.
        """
        if self._waiting and self._waiting + size > MOST:
            raise OverloadedError(
                f"{self._waiting} bytes of images wait to be decoded, of at most {MOST}: try again "
                "later",
                1,
            )
        self._waiting += size
        try:
            future = asyncio.get_running_loop().run_in_executor(self._thread, decode)
            return await unless_disconnected(receive, future)
        finally:
            self._waiting -= size
