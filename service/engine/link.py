"""Link: the service's end of a worker process. Nothing of torch is on this side.

With a process of its own the network never holds up the event loop: in one process each of its
operations would wait for the interpreter that HTTP keeps busy, and the other way about.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Self

from models.errors import UserError
from service.engine.orders import Load, Order, Ready, Refused, Setup

SECONDS_TO_END = 5


class LostError(UserError):
    """The worker process ended, by itself or by a signal: its own log may say why."""


class Link:
    """A worker process, started by `open`."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.engine.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,  # a Ctrl-C is for the service, which ends its worker
            )
        self._pipe = Connection(ours.detach())
        self._lost = False
        self.device = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answers: deque[asyncio.Future[Any]] = deque()

    @classmethod
    def open(cls, setup: Setup) -> Self:
        """Start a worker. Raises LostError, or UserError for a device that it cannot have."""
        link = cls()
        try:
            link.send(setup)
            ready = link.receive()
        except LostError:
            link.close()
            raise
        if isinstance(ready, Refused):
            link.close()
            raise UserError(ready.reason)
        assert isinstance(ready, Ready)
        link.device = ready.device
        return link

    def ask(self, order: Load) -> Any:
        """Have an order carried out, and wait. Raises LostError."""
        self.send(order)
        return self.receive()

    @property
    def alive(self) -> bool:
        """Whether there is a process that may answer."""
        return not self._lost and self._process.poll() is None

    async def call(self, order: Order) -> Any:
        """Have an order carried out while the event loop goes on. Raises LostError."""
        if self._lost:
            raise LostError("there is no worker process")
        self.watch(asyncio.get_running_loop())
        self.send(order)
        answer = asyncio.get_running_loop().create_future()
        self._answers.append(answer)  # answers come in the order of the orders
        return await answer

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear of answers in this event loop."""
        if self._loop is not loop:
            self.unwatch()
            self._loop = loop
            loop.add_reader(self._pipe.fileno(), self.on_readable)
            os.set_blocking(self._pipe.fileno(), True)  # uvloop unsets it, answers come in pieces

    def unwatch(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._pipe.fileno())
        self._loop = None

    def on_readable(self) -> None:
        """Take an answer from the pipe, or notice that the worker is gone."""
        try:
            found = self.receive()
        except LostError as error:
            self.unwatch()
            self.give_up(error)
            return
        if self._answers:
            answer = self._answers.popleft()
            if not answer.done():
                answer.set_result(found)

    def give_up(self, error: LostError) -> None:
        """Tell all who wait that no answer comes."""
        while self._answers:
            answer = self._answers.popleft()
            if not answer.done():
                answer.set_exception(error)

    def send(self, order: Setup | Order) -> None:
        try:
            self._pipe.send(order)
        except OSError as error:
            self.unwatch()
            self._lost = True
            lost = LostError(f"the worker process is gone ({error})")
            self.give_up(lost)
            raise lost from error

    def receive(self) -> Any:
        try:
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            self._lost = True
            code = self._end()
            raise LostError(f"the worker process ended with code {code}") from error

    def kill(self) -> None:
        """End a worker that does not answer."""
        self.unwatch()
        self._lost = True
        self._process.kill()
        self.give_up(LostError("the worker process did not answer and was ended"))

    def close(self) -> None:
        """End the worker: it goes when its pipe does."""
        self.unwatch()
        self._lost = True
        self._pipe.close()
        self._end()

    def _end(self) -> int:
        """Give the process a moment to end by itself, then end it; return its exit code."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(SECONDS_TO_END)
        self._process.kill()
        return self._process.wait()
