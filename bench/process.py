"""Process: what the system says of the service and of its worker. Linux alone has /proc."""

import re
from pathlib import Path

PROC = Path("/proc")
WORKER = b"service.engine.worker"
MIB = 1 << 10  # /proc counts KiB


def worker(service: int) -> int | None:
    """Find the process that computes for a service; None while there is none."""
    return next((pid for pid in children(service) if WORKER in command(pid)), None)


def children(pid: int) -> list[int]:
    """List what any thread of a process has started and is still there."""
    tasks = (PROC / str(pid) / "task").glob("*/children")
    return [int(child) for task in tasks for child in text(task).split()]


def command(pid: int) -> bytes:
    """Return a process's command line; that of one that has ended is empty."""
    return text(PROC / str(pid) / "cmdline").encode()


def resident(pid: int | None) -> float | None:
    """Say how much memory a process holds, in MiB; None for one that has ended."""
    kibibytes = status(pid, "VmRSS")
    return None if kibibytes is None else kibibytes / MIB


def threads(pid: int) -> int | None:
    """Count a process's threads."""
    return status(pid, "Threads")


def descriptors(pid: int) -> int | None:
    """Count a process's open files and connections."""
    try:
        return sum(1 for _ in (PROC / str(pid) / "fd").iterdir())
    except OSError:
        return None


def status(pid: int | None, name: str) -> int | None:
    """Read a number of a process's status."""
    found = re.search(rf"^{name}:\s*(\d+)", text(PROC / str(pid) / "status"), re.MULTILINE)
    return int(found[1]) if found else None


def text(path: Path) -> str:
    """Read a file of /proc; one of a process that has just ended is empty."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
