"""Client: requests to a running service, thousands a second from one thread.

A client library spends more on a request than the service on a small image: here a request is bytes
that are written once, and of an answer only what is asked for is read.
"""

import asyncio
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, NamedTuple, Protocol, TypeVar

from bench.server import ServerError

LOOPBACK = "127.0.0.1"
# Seconds: for one answer, that of a service whose worker is being replaced among them; that an
# unused connection is trusted, for the service closes one after five; and by which a fixed rate may
# be behind before what was missed is left out.
PATIENCE = 60
TRUSTED = 2
BEHIND = 1
NO_ANSWER = 0
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answer(NamedTuple):
    """What came back; `status` is 0 where nothing did, and the body then says why."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        found = re.search(rb"\r\n%s: *([^\r]*)" % name.encode(), self.head, re.IGNORECASE)
        return found[1].decode() if found else None


class Job(Protocol):
    """Something to ask; whoever hears the answer knows what else it is."""

    @property
    def request(self) -> bytes: ...


J = TypeVar("J", bound=Job)


class Times(NamedTuple):
    """When a request was due, and when it was sent, by the monotonic clock."""

    due: float
    sent: float


Heard = Callable[[J, Answer, Times], None]
"""Is told of each job its answer and its times."""


def get(path: str) -> bytes:
    """Write a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()


def post(path: str, body: Any = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Write a POST request; a body that is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Host": LOOPBACK, "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content


class Wire(asyncio.Protocol):
    """One connection to the service, on which one thing is asked at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._held = bytearray()

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """Send a request and return its answer to come, or the OSError in its place."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self.transport is None:
            answer.set_exception(ConnectionResetError("hung up before anything was asked"))
            return answer
        self._answer = answer
        self._held.clear()
        self.transport.write(request)
        return answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        answer = read(self._held)
        if answer is not None and self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("hung up without an answer"))


class Client:
    """Asks one thing at a time, on a connection that is kept while it is in use."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._wire = Wire()
        self._used = -math.inf

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer. Raises OSError where none comes."""
        if self._wire.transport is None or monotonic() - self._used > TRUSTED:
            await self._open()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._wire.ask(request)
        except TimeoutError:
            self.close()
            raise
        finally:
            self._used = monotonic()

    async def get(self, path: str) -> Answer:
        """GET a path."""
        return await self.ask(get(path))

    def close(self) -> None:
        """Hang up."""
        if self._wire.transport is not None:
            self._wire.transport.abort()

    async def _open(self) -> None:
        self.close()
        loop = asyncio.get_running_loop()
        _, self._wire = await loop.create_connection(Wire, LOOPBACK, self._port)


def read(held: bytearray) -> Answer | None:
    """Read an answer when all of it is there. Raises ServerError for one without a length."""
    end = held.find(HEAD_END)
    if end < 0:
        return None
    head = bytes(held[:end])
    length = LENGTH.search(head)
    if length is None:
        raise ServerError(f"answered without a length: {head[:500]!r}")
    first = end + len(HEAD_END)
    last = first + int(length[1])
    return Answer(int(head[9:12]), head, bytes(held[first:last])) if len(held) >= last else None


class Arrivals:
    """When each request is due: at a fixed rate, whatever becomes of those before it."""

    def __init__(self, rate: float, seconds: float) -> None:
        self._step = 1 / rate
        self._due = monotonic()
        self._end = self._due + seconds

    def next(self) -> float | None:
        """Say when the next one is due, by the monotonic clock; it may be late; None is never.

        What is missed while every connection waits for its answer is not made up for. Without a
        rate it is due at once.
        """
        now = monotonic()
        self._due = max(self._due + self._step, now - BEHIND) if self._step else now
        return self._due if max(self._due, now) < self._end else None


async def offer(
    port: int,
    jobs: Iterator[J],
    heard: Heard[J],
    *,
    connections: int,
    rate: float = math.inf,
    seconds: float = math.inf,
) -> None:
    """Ask all jobs, as many at once as there are connections, until they or the seconds are over.

    Without a rate each connection asks as soon as it has its answer (a closed loop); with one,
    requests are sent when they are due, as long as a connection is free (an open loop).
    """
    arrivals = Arrivals(rate, seconds)
    clients = [Client(port) for _ in range(connections)]
    try:
        async with asyncio.TaskGroup() as group:
            if rate < math.inf:
                await paced(group, clients, arrivals, jobs, heard)
                return
            for client in clients:
                group.create_task(again(client, arrivals, jobs, heard))
    finally:
        for client in clients:
            client.close()


async def again(client: Client, arrivals: Arrivals, jobs: Iterator[J], heard: Heard[J]) -> None:
    """Ask one job after the other on one connection."""
    while (due := arrivals.next()) is not None and (job := next(jobs, None)) is not None:
        times = Times(due, monotonic())
        heard(job, await answer(client, job.request), times)


async def paced(
    group: asyncio.TaskGroup,
    clients: Iterable[Client],
    arrivals: Arrivals,
    jobs: Iterator[J],
    heard: Heard[J],
) -> None:
    """Send each job when it is due, on the free connection that was in use last: it is open."""
    free = list(clients)
    places = asyncio.Semaphore(len(free))

    async def ask(job: J, due: float) -> None:
        client, times = free.pop(), Times(due, monotonic())
        heard(job, await answer(client, job.request), times)
        free.append(client)
        places.release()

    while await places.acquire():
        if (due := arrivals.next()) is None or (job := next(jobs, None)) is None:
            return
        if (wait := due - monotonic()) > 0:
            await asyncio.sleep(wait)
        group.create_task(ask(job, due))


async def answer(client: Client, request: bytes) -> Answer:
    """Ask; that nothing comes back is an answer, too."""
    try:
        return await client.ask(request)
    except OSError as error:  # of which a timeout is one
        return Answer(NO_ANSWER, b"", f"{type(error).__name__} {error}".encode())
