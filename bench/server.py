"""Server: one of those compared, started as a process group of its own and stopped as one."""

import io
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
SIZE = (28, 28)
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

    `ready` is the path that answers 200 when it is, for a server that has such a path.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None


@contextmanager
def running(server: Server, model: str) -> Iterator[int]:
    """Start the server, wait for a right answer, yield its port, stop it. Raises ServerError."""
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
            wait(process, server.ready, port, model)
            yield port
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


def wait(process: subprocess.Popen[bytes], ready: str | None, port: int, model: str) -> None:
    """Return when the server has given one right answer. Raises ServerError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if ready is not None:
                fetch(port, ready)
            return check(ask(port, model))
        except OSError as error:  # nobody listens yet, or it says that it is not ready
            reason = error
        if process.poll() is not None:
            raise ServerError(f"ended with code {process.returncode} before it answered")
        if time.monotonic() > deadline:
            raise ServerError(f"gave no answer in {PATIENCE} s: {reason}")
        time.sleep(PAUSE)


def ask(port: int, model: str) -> bytes:
    """Ask for one image. Raises OSError, of which an HTTP error is one."""
    return fetch(port, "/generate", json.dumps({"model": model, "class": 7, "seed": 0}).encode())


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


def check(answer: bytes) -> None:
    """Raise ServerError unless the answer is the PNG of one image of the right size."""
    try:
        with Image.open(io.BytesIO(answer), formats=["PNG"]) as image:
            image.load()
            size = image.size
    except OSError as error:
        raise ServerError(f"answered {answer[:80]!r}: expected a PNG") from error
    if size != SIZE:
        raise ServerError(f"answered an image of {size}: expected {SIZE}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: asked first, then killed."""
    for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
