"""Runner: a loop in a process of its own, which trains only while it is told to."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

Steps = Callable[[], Iterator[None]]
"""Makes the loop to be timed; it is called in the process of its own."""

WARM_UP = 3


class RunnerError(RuntimeError):
    """A loop that ended by itself; its own process has printed why."""


class Runner:
    """Time a loop block by block, so that several can take turns and share the noise."""

    def __init__(self, steps: Steps) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(steps, theirs))
        self.process.start()
        theirs.close()

    def block(self, seconds: float) -> float:
        """Train for about so long and return steps a second. Raises RunnerError."""
        try:
            self.pipe.send(seconds)
            return float(self.pipe.recv())
        except (EOFError, OSError) as error:
            raise RunnerError("the loop ended before its time: see above") from error

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join()


def serve(steps: Steps, pipe: Connection) -> None:
    """Warm the loop up, then run a block for each message until the other end closes."""
    loop = steps()
    for _ in range(WARM_UP):
        next(loop)
    while True:
        try:
            seconds = pipe.recv()
        except EOFError:
            return
        pipe.send(rate(loop, seconds))


def rate(loop: Iterator[None], seconds: float) -> float:
    """Take steps until `seconds` are over; return steps a second."""
    began = time.perf_counter()
    count, elapsed = 0, 0.0
    while elapsed < seconds:
        next(loop)
        count += 1
        elapsed = time.perf_counter() - began
    return count / elapsed
