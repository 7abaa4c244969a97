"""Clients: each method of `calls` on a wire, for those who wait and those who let others run."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

import httpx2

from service.client import calls
from service.client.address import key_of, url_of
from service.client.asked import Label
from service.client.call import Job, Parts
from service.client.core import Core
from service.client.patience import Patience
from service.client.signatures import like
from service.client.wires import BlockingWire, WaitingWire, Wire, each, finish

if TYPE_CHECKING:
    from service.client.pictures import Pixels

P = ParamSpec("P")
T = TypeVar("T")


class Base:
    """What both clients have: where the service is, and how patient they are with it.

    `url`: else GANFORGE_URL, else this machine, port 8000. `key`: else GANFORGE_API_KEY.
    `timeout`: seconds that a call may take in all, unless it has a deadline of its own, waits and
    retries among them; of a stream, for each part. `retries`: of what is refused for now, and of a
    connection that does not come about. `transport`: of httpx2, where the way to the service is
    another. `clock` and what sleeps are there for those who have another time.
    """

    def __init__(self, wire: Wire, url: str, key: str | None, patience: Patience) -> None:
        self._core = Core(wire, url, key_of(key), patience)

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._core.url

    def image_url(
        self, model: str, seed: int, *, class_: Label | None = None, digest: str | None = None
    ) -> str:
        """Say where one image is; with a digest these are for ever the same bytes."""
        return self.url + calls.image_path(model, seed, class_=class_, digest=digest)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"


def now(make: Callable[P, Job[T]]) -> "Callable[Concatenate[Client, P], T]":
    """Make a call a method that returns what it comes to."""

    def method(self: "Client", /, *given: P.args, **named: P.kwargs) -> T:
        return finish(make(*given, **named).on(self._core))

    return like(make, method)


def later(
    make: Callable[P, Job[T]],
) -> "Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]":
    """Make a call a method that is awaited."""

    async def method(self: "AsyncClient", /, *given: P.args, **named: P.kwargs) -> T:
        return await make(*given, **named).on(self._core)

    return like(make, method)


def each_now(make: Callable[P, Parts]) -> "Callable[Concatenate[Client, P], Iterator[Pixels]]":
    """Make a call a method that returns an iterator."""

    def method(self: "Client", /, *given: P.args, **named: P.kwargs) -> "Iterator[Pixels]":
        return each(self._core.arrays(make(*given, **named)))

    return like(make, method)


def each_later(
    make: Callable[P, Parts],
) -> "Callable[Concatenate[AsyncClient, P], AsyncIterator[Pixels]]":
    """Make a call a method for `async for`."""

    def method(
        self: "AsyncClient", /, *given: P.args, **named: P.kwargs
    ) -> "AsyncIterator[Pixels]":
        return self._core.arrays(make(*given, **named))

    return like(make, method)


class Client(Base):
    """Asks a running service; threads may share it."""

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        retries: int = 4,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        at = url_of(url)
        patience = Patience(retries=retries, seconds=timeout, clock=clock)
        super().__init__(BlockingWire(at, transport, sleep), at, key, patience)

    generate = now(calls.generate)
    file = now(calls.file)
    download = now(calls.download)
    array = now(calls.array)
    arrays = each_now(calls.arrays)
    interpolate = now(calls.interpolate)
    animate = now(calls.animate)
    discriminate = now(calls.discriminate)
    reconstruct = now(calls.reconstruct)
    models = now(calls.models)
    model = now(calls.model)
    ready = now(calls.ready)

    def close(self) -> None:
        """Close the connections."""
        finish(self._core.wire.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncClient(Base):
    """Asks a running service, and lets others run meanwhile."""

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        timeout: float = 60.0,
        retries: int = 4,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        at = url_of(url)
        patience = Patience(retries=retries, seconds=timeout, clock=clock)
        super().__init__(WaitingWire(at, transport, sleep), at, key, patience)

    generate = later(calls.generate)
    file = later(calls.file)
    download = later(calls.download)
    array = later(calls.array)
    arrays = each_later(calls.arrays)
    interpolate = later(calls.interpolate)
    animate = later(calls.animate)
    discriminate = later(calls.discriminate)
    reconstruct = later(calls.reconstruct)
    models = later(calls.models)
    model = later(calls.model)
    ready = later(calls.ready)

    async def close(self) -> None:
        """Close the connections."""
        await self._core.wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()
