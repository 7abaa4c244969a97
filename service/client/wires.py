"""Wires: the little that differs between a client that waits and one that lets others run.

All else is written once, as coroutines. On a `BlockingWire` they never come to wait for an event
loop: `finish` and `each` run them to their end, like any function.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar
from urllib.request import getproxies

import httpx2

T = TypeVar("T")

LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=2.0)
"""An unused connection is trusted for less than the five seconds after which the service closes it:
what is sent on one that is being closed is lost, and it is not known whether it was heard."""


def trusted(url: str) -> ssl.SSLContext | bool:
    """Say who is trusted to vouch for the service: the system's authorities, if there is need.

    To read them is most of what a client takes to be made.
    """
    if url.startswith("https:") or getproxies():
        return True
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which trusts nobody


class Wire(Protocol):
    """Sends requests. What it raises is httpx2's."""

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """Return the head of the answer."""
        ...

    def chunks(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        """Return its body as it comes."""
        ...

    async def end(self, response: httpx2.Response) -> None: ...

    async def sleep(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


class BlockingWire:
    """Waits for everything itself."""

    def __init__(
        self,
        url: str,
        transport: httpx2.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx2.Client(transport=transport, limits=LIMITS, verify=trusted(url))
        self._sleep = sleep

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        return self._http.send(request, stream=True)

    async def chunks(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        for chunk in response.iter_bytes():
            yield chunk

    async def end(self, response: httpx2.Response) -> None:
        response.close()

    async def sleep(self, seconds: float) -> None:
        self._sleep(seconds)

    async def close(self) -> None:
        self._http.close()


class WaitingWire:
    """Lets others run meanwhile."""

    def __init__(
        self,
        url: str,
        transport: httpx2.AsyncBaseTransport | None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = httpx2.AsyncClient(transport=transport, limits=LIMITS, verify=trusted(url))
        self._sleep = sleep

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        return await self._http.send(request, stream=True)

    def chunks(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        return response.aiter_bytes()

    async def end(self, response: httpx2.Response) -> None:
        await response.aclose()

    async def sleep(self, seconds: float) -> None:
        await self._sleep(seconds)

    async def close(self) -> None:
        await self._http.aclose()


def finish(waiting: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for no event loop."""
    try:
        waiting.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waited for an event loop, which there is none of")


def each(source: AsyncGenerator[T, None]) -> Iterator[T]:
    """Run an asynchronous generator that waits for no event loop."""
    try:
        while True:
            yield finish(source.__anext__())
    except StopAsyncIteration:
        pass
    finally:
        finish(source.aclose())
