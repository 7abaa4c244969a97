"""Hold: a run's folder belongs to one process at a time."""

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from training.config import ConfigError


def hold(lock: Path) -> BaseFileLock:
    """Hold the folder that this lock is in, and make it where it is not there yet.

    The system lets go of it however this process ends. Raises ConfigError where another process
    holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock, timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise ConfigError(
            f"another process is at the run in {lock.parent}: wait for it, end it, or give another "
            "--out"
        ) from None
    return held
