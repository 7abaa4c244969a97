"""Processes side by side: counted, each with its own end, and none left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.zoo.jobs import side_by_side

PATIENCE = 60


def note(task: str, folder: Path) -> None:
    """Write down that this task runs."""
    (folder / f"{task}.on").touch()


def meet(task: str, folder: Path) -> None:
    """Wait until another task runs too; end with 1 where none comes."""
    note(task, folder)
    deadline = time.monotonic() + PATIENCE
    while len(list(folder.glob("*.on"))) < 2:
        if time.monotonic() > deadline:
            sys.exit(1)
        time.sleep(0.01)


def end(task: str, folder: Path) -> None:
    """End in the way that the task is called."""
    note(task, folder)
    if task == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit({"good": 0, "bad": 3}[task])


def wait(task: str, folder: Path) -> None:
    """Never end."""
    note(task, folder)
    time.sleep(600)


def test_two_run_at_once(tmp_path: Path) -> None:
    ends = dict(side_by_side(["a", "b"], 2, meet, tmp_path))
    assert ends == {"a": 0, "b": 0}


def test_how_one_ends_is_told_and_stops_no_other(tmp_path: Path) -> None:
    ends = dict(side_by_side(["killed", "bad", "good"], 1, end, tmp_path))
    assert ends == {"killed": -signal.SIGKILL, "bad": 3, "good": 0}


PARENT = """
from pathlib import Path
from training.zoo.jobs import side_by_side
from tests.training.zoo.test_jobs import wait
if __name__ == "__main__":
    list(side_by_side(["one"], 1, wait, Path({folder!r})))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_its_parent(number: signal.Signals, tmp_path: Path) -> None:
    """A process that went on would write into a folder which the next run takes up."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(folder=str(tmp_path)))
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stderr=subprocess.DEVNULL
    ) as parent:
        wait_for(lambda: (tmp_path / "one.on").exists())
        (child,) = children(parent.pid)
        parent.send_signal(number)
        parent.wait(PATIENCE)
    wait_for(lambda: not running(child))


def wait_for(condition: object) -> None:
    """Wait until a condition holds."""
    assert callable(condition)
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def children(parent: int) -> list[int]:
    """List the processes that work for this one; a helper of Python's is none of them."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in listed if "spawn_main" in command(int(child))]


def command(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text()


def running(process: int) -> bool:
    """Say whether a process is there and not only waited for."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
