"""Jobs: processes side by side, each of which may fail without harm to the others."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar, cast

# A forked child could not use a GPU that its parent has looked at.
CONTEXT = get_context("spawn")

T = TypeVar("T")


def side_by_side(
    tasks: Iterable[T], jobs: int, work: Callable[..., None], *shared: Any
) -> Iterator[tuple[T, int]]:
    """Call `work(task, *shared)` in a process for each task, at most `jobs` at a time.

    Yields each task as it ends, with its process's exit code: negative is the signal that ended
    it. A Ctrl-C or SIGTERM is passed on once, and the processes may finish what they are writing.
    """
    waiting = list(tasks)
    running: dict[int, tuple[T, SpawnProcess]] = {}
    with passing_on(running):
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                process = CONTEXT.Process(target=begin, args=(work, task, *shared))
                process.start()
                running[process.sentinel] = (task, process)
            for sentinel in connection.wait(list(running)):
                task, process = running.pop(cast("int", sentinel))
                process.join()
                yield task, process.exitcode or 0


def begin(work: Callable[..., None], *arguments: Any) -> None:
    """Set a new process up, and work."""
    set_up()
    work(*arguments)


def set_up() -> None:
    """Make this process end when its parent has, and not before."""
    os.setpgrp()  # a Ctrl-C at the terminal comes through the parent, once
    threading.Thread(target=die_with_parent, daemon=True).start()


def die_with_parent() -> None:
    """Leave no process behind that would write into a folder which the next run takes up."""
    parent = parent_process()
    assert parent is not None, "called in a child"
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def passing_on(running: dict[int, tuple[T, SpawnProcess]]) -> Iterator[None]:
    """Ask the processes to stop when this one is, wait for them, and then stop."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    numbers: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    except KeyboardInterrupt:
        for _, process in running.values():
            process.terminate()
        for _, process in running.values():
            process.join()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
