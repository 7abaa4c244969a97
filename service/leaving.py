"""Leaving: after a SIGTERM the service says that it is not ready, and goes on for a while.

Whoever sends requests here has to hear of it first: a listener that closes at once refuses those
that are on their way. A second signal ends the wait.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

Handler = Callable[[int, Any], Any]


class Leaving:
    """Puts time between the first SIGTERM and the server's own handling of it."""

    def __init__(self, seconds: float, say: Callable[[], None]) -> None:
        self._seconds = seconds
        self._say = say
        self._asked = False

    def prepare(self) -> None:
        """Stand in front of the server's handler, in its event loop."""
        if threading.current_thread() is not threading.main_thread():
            return  # in a test's thread: signals are not for it
        handler = signal.getsignal(signal.SIGTERM)
        if callable(handler):
            self._loop = asyncio.get_running_loop()
            signal.signal(signal.SIGTERM, lambda number, _: self._on_signal(number, handler))

    def _on_signal(self, number: int, handler: Handler) -> None:
        if self._asked:
            handler(number, None)
            return
        self._asked = True
        self._say()
        self._loop.call_soon_threadsafe(self._loop.call_later, self._seconds, handler, number, None)
