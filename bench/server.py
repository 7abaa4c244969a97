"""Server: one of those compared, started as a process group of its own and stopped as one."""

import io
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from bench.request import GENERATE, Request

ROOT = Path(__file__).parent.parent
PNG = b"\x89PNG"
PROC = Path("/proc")
# Seconds: to start, between two looks, for one answer, and to stop before it is killed.
PATIENCE = 120
PAUSE = 0.2
ANSWER = 10
GRACE = 15


class ServerError(RuntimeError):
    """A server that does not start, or does not answer as it should."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """How to start one; `{port}` in a word of the command becomes the port.

    `ready` is the path that answers 200 when it is, for a server that has such a path; `request`
    is what it is asked by.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None
    request: Request = GENERATE


class Running(NamedTuple):
    """A server that answers: its port, its process, and the file that takes what it prints."""

    port: int
    pid: int
    log: int

    def printed(self) -> str:
        """Return what it has printed so far, without moving the place where it prints."""
        return os.pread(self.log, os.fstat(self.log).st_size, 0).decode(errors="replace")


@contextmanager
def running(server: Server, model: str) -> Iterator[int]:
    """Start the server, wait for a right answer, yield its port, stop it. Raises ServerError."""
    with started(server, model) as found:
        yield found.port


@contextmanager
def started(server: Server, model: str) -> Iterator[Running]:
    """Do the same, and yield the process as well."""
    with launched(server) as (process, found):
        wait(process, partial(answers, server, found.port, model))
        yield found


@contextmanager
def launched(server: Server) -> Iterator[tuple[subprocess.Popen[bytes], Running]]:
    """Start the server, yield it before it answers, stop it; errors show what it printed."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [word.format(port=port) for word in server.command],
            cwd=ROOT,
            env=os.environ | server.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process, Running(port, process.pid, log.fileno())
        except ServerError as error:
            log.seek(0)
            raise ServerError(f"{server.name}: {error}\n{log.read()[-2000:]}") from error
        finally:
            stop(process)


def free_port() -> int:
    """Ask the system for a port on loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(
    process: subprocess.Popen[bytes], look: Callable[[], object], pause: float = PAUSE
) -> None:
    """Return when a look at the server raises no OSError any more. Raises ServerError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            look()
            return
        except OSError as error:  # nobody listens yet, or it says that it is not ready
            reason = error
        if process.poll() is not None:
            raise ServerError(f"ended with code {process.returncode} before it answered")
        if time.monotonic() > deadline:
            raise ServerError(f"gave no answer in {PATIENCE} s: {reason}")
        time.sleep(pause)


def answers(server: Server, port: int, model: str) -> None:
    """Hold the server to one right answer. Raises OSError while there is none."""
    if server.ready is not None:
        fetch(port, server.ready)
    check(ask(port, model, server.request), server.request)


def ask(port: int, model: str, request: Request) -> bytes:
    """Ask for one image. Raises OSError, of which an HTTP error is one."""
    return fetch(port, request.to(model), request.of(model, seed=0).encode())


def fetch(port: int, path: str, body: bytes | None = None) -> bytes:
    """GET a path, or POST JSON to it. Raises OSError, and ServerError when the request is bad."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        raise ServerError(f"refused {path}: {error.code} {error.read()[:500]!r}") from error


def check(answer: bytes, request: Request) -> None:
    """Raise ServerError unless the answer is the PNG of one image of the right size."""
    start = answer.find(PNG) if request.headed else 0
    try:
        with Image.open(io.BytesIO(answer[max(start, 0) :]), formats=["PNG"]) as image:
            image.load()
            size = image.size
    except OSError as error:
        raise ServerError(f"answered {answer[:80]!r}: expected a PNG") from error
    if size != request.size:
        raise ServerError(f"answered an image of {size}: expected {request.size}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group and all that left it but not its session: asked first, then killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        for stray in strays(process.pid):
            with suppress(ProcessLookupError):
                os.kill(stray, number)
        settle(process)


def settle(process: subprocess.Popen[bytes]) -> None:
    """Return when the process and all strays have ended, or when GRACE is over."""
    deadline = time.monotonic() + GRACE
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    while strays(process.pid) and time.monotonic() < deadline:
        time.sleep(PAUSE)


def strays(leader: int) -> list[int]:
    """List what runs in the leader's session but not in its group; Linux alone has /proc."""
    return [int(entry.name) for entry in PROC.glob("[0-9]*") if strayed(int(entry.name), leader)]


def strayed(pid: int, leader: int) -> bool:
    """Say whether a process is such a one; one that has ended has no command line any more."""
    try:
        left = os.getsid(pid) == leader != os.getpgid(pid)
        return left and bool((PROC / str(pid) / "cmdline").read_bytes())
    except OSError:
        return False
