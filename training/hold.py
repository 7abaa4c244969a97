"""Hold: a run's folder belongs to one process at a time."""

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from training.config import ConfigError


class HeldError(ConfigError):
    """Another process is at a run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"another process is at the run in {folder}: wait for it, end it, or give another --out"
        )


def hold(lock: Path) -> BaseFileLock:
    """Hold the folder that this lock is in, and make it where it is not there yet.

    The system lets go of it however this process ends. Raises HeldError where another process
    has it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock, timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise HeldError(lock.parent) from None
    return held
