"""Parts: a large answer is computed, written and sent part by part.

Of a request, however large, only the part that is sent and the next one, which is computed
meanwhile, are in memory, and only the next one is in the queue, where it holds up nobody.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from time import perf_counter
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import StreamingResponse

from models.pixels import Pixels
from service import exchange
from service.catalog import Entry
from service.engine.batcher import Result
from service.engine.work import Classes, Job
from service.errors import GoneError, OverloadedError, ServiceError, TooBusyError
from service.formats import Format
from service.picture import Picture
from service.state import Service
from service.streams import Stream
from service.tracing import CURRENT

PART_BYTES = 1 << 20
ATTEMPTS = 60
"""A queue that is full, or a worker that is replaced, is waited for so many times."""

LEFT = GoneError.status

log = logging.getLogger(__name__)


class Part(NamedTuple):
    """Some of the images of a request: the work, each image's seed, and its class, (n,)."""

    work: Job
    seeds: list[int]
    classes: Classes | None

    def picture(self, entry: Entry, images: Pixels) -> Picture:
        """Show what has come of the work."""
        names = entry.card.class_names
        named = None if self.classes is None else [names[at] for at in self.classes.tolist()]
        return Picture(entry.name, entry.digest, images, self.seeds, named)


Cut = Callable[[int, int], Part]
"""Gives the part of the images `start` to `stop`."""


def size(entry: Entry) -> int:
    """Say how many images of a model are a part."""
    image = entry.card.image
    return max(1, PART_BYTES // (image.channels * image.height * image.width))


class Sender:
    """One request that is answered in parts."""

    def __init__(self, request: Request, service: Service, entry: Entry, cut: Cut) -> None:
        self.request = request
        self.service = service
        self.entry = entry
        self.cut = cut
        self.due = exchange.due(request)

    async def answer(
        self, name: str, form: Format, count: int, headers: Mapping[str, str]
    ) -> StreamingResponse:
        """Answer with `count` images, of which the first part is computed before anything is said.

        Raises a ServiceError where that cannot be done; later the connection is cut off.
        """
        assert form.stream is not None, "only such a format is answered in parts"
        first = self.cut(0, min(count, size(self.entry)))
        result = await exchange.compute(
            self.request, self.service, self.entry, first.work, images=count
        )
        stream = form.stream((count, *result.rows.shape[1:]))
        length = {} if stream.length is None else {"Content-Length": str(stream.length)}
        return StreamingResponse(
            self.body(name, stream, count, first, result),
            media_type=form.media_type,
            headers={**exchange.told(self.entry.digest, result, 0.0), **length, **headers},
        )

    async def body(
        self, name: str, stream: Stream, count: int, part: Part, result: Result
    ) -> AsyncIterator[bytes]:
        """Write part after part; while one is written and sent the next is computed."""
        state = self.request.state
        state.code = LEFT  # unless it comes to its end
        step, task = len(part.seeds), None
        try:
            yield stream.begin()
            for start in range(step, count, step):
                task = asyncio.create_task(self.compute(start, min(count, start + step)))
                yield await self.write(name, stream, part, result)
                part, result = await task
            yield await self.write(name, stream, part, result)
            yield stream.end()
            state.code = HTTPStatus.OK
        except ServiceError as error:
            log.warning("an answer was cut off: %s", error)
            state.code = error.status
            raise
        finally:
            if task is not None:
                task.cancel()

    async def compute(self, start: int, stop: int) -> tuple[Part, Result]:
        """Have a part computed, and be patient where a new request would be refused."""
        part = self.cut(start, stop)
        attempt = 0
        while True:
            attempt += 1
            try:
                future = exchange.submit(
                    self.request, self.service, self.entry, part.work, self.due
                )
                return part, await exchange.result_of(self.request, future)
            except OverloadedError as full:
                if isinstance(full, TooBusyError) or attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(full.retry_after)

    async def write(self, name: str, stream: Stream, part: Part, result: Result) -> bytes:
        """Write a part in a thread, so that the event loop stays free."""
        began = perf_counter()
        content = await asyncio.to_thread(stream.part, part.picture(self.entry, result.rows))
        ended = perf_counter()
        self.service.metrics.encode.labels(name).observe(ended - began)
        self.service.metrics.images.labels(self.entry.name).inc(len(part.seeds))
        if (trace := CURRENT.get()) is not None:
            trace.encoded(name, began, ended)
        return content
