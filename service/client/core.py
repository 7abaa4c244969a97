"""Core: sends a call, again where that helps, and reads its answer; both clients have it."""

import csv
import json
import math
import zipfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from service.client.call import Array, Call, Copy, Parts
from service.client.errors import (
    AnswerError,
    ClientError,
    LostError,
    NoServerError,
    StrangeAnswerError,
    TimedOutError,
    kind_of,
)
from service.client.patience import REFUSED_FOR_NOW, Patience, seconds_of
from service.client.receipt import Answer, Receipt
from service.client.stream import Stream
from service.client.wires import Wire

if TYPE_CHECKING:
    from service.client.pictures import Pixels

T = TypeVar("T")

CONNECT_SECONDS = 5.0
SHOWN = 200
UNREADABLE = (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, csv.Error)
"""What reading raises where an answer is not what was asked for."""


class Core:
    """All that a client does, on a wire."""

    def __init__(self, wire: Wire, url: str, key: str | None, patience: Patience) -> None:
        self.wire = wire
        self.url = url
        self._patience = patience
        self._headers = {"User-Agent": f"ganforge/{version('ganforge')}"}
        if key is not None:
            self._headers["Authorization"] = f"Bearer {key}"

    async def ask(self, call: Call[T]) -> T:
        """Have a call answered. Raises a ClientError."""
        until = self._patience.until(call.deadline)
        response = await self._open(call, until)
        content = await self._whole(response, until + call.grace)
        with self._expecting(response, content):
            return call.read(Answer(response.status_code, response.headers, content))

    async def copy(self, copy: Copy) -> Receipt:
        """Write a body as it comes to where it is wanted, and return what its head says."""
        response = await self._open(copy.call, self._patience.until(copy.call.deadline))
        try:
            with self._expecting(response):
                receipt = copy.call.read(Answer(response.status_code, response.headers, b""))
            with copy.target.open() as file:
                async with aclosing(self._chunks(response)) as chunks:
                    async for chunk in chunks:
                        file.write(chunk)
        finally:
            await self.wire.end(response)
        return receipt

    async def array(self, array: Array) -> "Pixels":
        """Return all images in one array, of which there is no second copy meanwhile."""
        import numpy as np

        stream = Stream(array.parts.body, array.parts.size)
        whole, end = np.empty(0, np.uint8), 0
        async with aclosing(self._arrays(array.parts, stream)) as arrays:
            async for pixels in arrays:
                if end == 0:
                    whole = np.empty((stream.total, *pixels.shape[1:]), np.uint8)
                start, end = end, end + len(pixels)
                whole[start:end] = pixels
        return whole

    def arrays(self, parts: Parts) -> "AsyncGenerator[Pixels, None]":
        """Return images as they come, some at a time."""
        return self._arrays(parts, Stream(parts.body, parts.size))

    async def _arrays(self, parts: Parts, stream: Stream) -> "AsyncGenerator[Pixels, None]":
        """Where an answer breaks off ask for the rest, unless it breaks off again and again."""
        ends, broken = self._patience.until(parts.deadline), 0
        while not stream.whole:
            before = stream.given
            until = ends if parts.deadline is not None else self._patience.until(None)
            try:
                async with aclosing(self._some(parts, stream, until)) as arrays:
                    async for pixels in arrays:
                        yield pixels
            except LostError:
                broken = 1 if stream.given > before else broken + 1
                if broken > self._patience.retries:
                    raise

    async def _some(
        self, parts: Parts, stream: Stream, until: float
    ) -> "AsyncGenerator[Pixels, None]":
        """Ask for what is left of a stream once. Raises LostError where not all of it comes."""
        response = await self._open(parts.call(stream.rest()), until)
        try:
            with self._expecting(response):
                stream.begin(response.headers)
            async with aclosing(self._chunks(response)) as chunks:
                async for chunk in chunks:
                    with self._expecting(response):
                        arrays = list(stream.feed(chunk))
                    for pixels in arrays:
                        yield pixels
        finally:
            await self.wire.end(response)
        if not stream.whole:
            raise LostError(f"the answer of {self.url} ended after {stream.given} images")

    async def _open(self, call: Call[Any], until: float) -> httpx2.Response:
        """Send a call until it is not refused for now, and return the head of its answer."""
        attempt = 0
        while True:
            try:
                return await self._send(call, until)
            except (NoServerError, AnswerError) as error:
                wait = self._wait(error, attempt, until) if call.patient else None
                if wait is None:
                    raise
            await self.wire.sleep(wait)
            attempt += 1

    def _wait(self, error: ClientError, attempt: int, until: float) -> float | None:
        """Say how long to wait before a call is sent again; None is not at all."""
        if not isinstance(error, AnswerError):
            return self._patience.wait(attempt, None, until)
        if error.status not in REFUSED_FOR_NOW:
            return None
        return self._patience.wait(attempt, error.retry_after, until)

    async def _send(self, call: Call[Any], until: float) -> httpx2.Response:
        """Send a call once. Raises an AnswerError for an answer that is of no use to it."""
        request = self._request(call, self._patience.left(until))
        with self._reaching():
            response = await self.wire.send(request)
        if response.is_success or response.status_code in call.welcome:
            return response
        raise refusal(response, await self._whole(response, until + call.grace))

    def _request(self, call: Call[Any], left: float) -> httpx2.Request:
        """Write a request that may take what time is left. Raises TimedOutError where none is."""
        if left <= 0:
            raise TimedOutError(f"no time is left for {call.method} {call.path}: give it longer")
        headers = dict(self._headers)
        if call.content is not None:
            headers["Content-Type"] = call.media_type
        if call.deadline is not None and left < math.inf:
            headers["X-Deadline-Ms"] = str(max(1, math.floor(1000 * left)))
        seconds = left + call.grace if left < math.inf else None
        timeout = httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, left))
        return httpx2.Request(
            call.method,
            f"{self.url}{call.address}",
            headers=headers,
            content=call.content,
            extensions={"timeout": timeout.as_dict()},
        )

    async def _whole(self, response: httpx2.Response, until: float) -> bytes:
        """Read a body to its end. Raises TimedOutError where it comes too slowly."""
        parts = []
        try:
            async with aclosing(self._chunks(response)) as chunks:
                async for chunk in chunks:
                    parts.append(chunk)
                    if self._patience.left(until) <= 0:
                        raise TimedOutError(f"the answer of {self.url} was not whole in time")
        finally:
            await self.wire.end(response)
        return b"".join(parts)

    async def _chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes, None]:
        with self._reaching():
            async for chunk in self.wire.chunks(response):
                yield chunk

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turn what goes wrong on the way into errors of ours."""
        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise NoServerError(self.url, str(error) or "it does not answer") from error
        except httpx2.TimeoutException as error:
            raise TimedOutError(f"no answer of {self.url} in time: give it longer") from error
        except httpx2.RequestError as error:
            raise LostError(f"the connection to {self.url} broke: {error}") from error

    @contextmanager
    def _expecting(self, response: httpx2.Response, content: bytes = b"") -> Iterator[None]:
        """Turn what is wrong with an answer into an error of ours."""
        try:
            yield
        except UNREADABLE as error:
            kind = response.headers.get("content-type", "no content-type")
            raise StrangeAnswerError(
                f"the answer of {self.url} is not what a ganforge sends ({kind}, begins with "
                f"{content[:20]!r}): is the address right?"
            ) from error


def refusal(response: httpx2.Response, content: bytes) -> AnswerError:
    """Make an answer that is not 2xx an error, also where it is not of ours but of a proxy."""
    status, headers = response.status_code, response.headers
    try:
        said = json.loads(content)
        detail, errors = str(said["detail"]), list(said.get("errors", ()))
    except UNREADABLE:
        detail, errors = foreign(response, content), []
    return kind_of(status)(
        status,
        detail,
        retry_after=seconds_of(headers.get("retry-after")),
        errors=errors,
        request_id=headers.get("x-request-id"),
    )


def foreign(response: httpx2.Response, content: bytes) -> str:
    """Say what was answered by something that is no ganforge."""
    if "location" in response.headers:
        return f"moved to {response.headers['location'][:SHOWN]}: give that address"
    text = content[:SHOWN].decode(errors="replace").strip()
    return f"{response.reason_phrase}, not of a ganforge: {text or 'without a word'}"
