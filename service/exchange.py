"""What every route does with a request before and after the engine: read, wait, answer."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping
from time import perf_counter
from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from service import errors, formats, names, unpacking
from service.catalog import Entry
from service.engine.batcher import Result
from service.engine.errors import ClosedError, ExpiredError, QueueFullError, TooLateError
from service.engine.link import LostError
from service.engine.work import Job
from service.formats import Format
from service.picture import Picture
from service.protocol import ARRIVED
from service.schemas import Body, Query
from service.state import Service
from service.tracing import CURRENT
from service.watch import unless_disconnected
from service.within import within

DEADLINE = "X-Deadline-Ms"
LONGEST = 86_400_000
INLINE_BYTES = 1 << 14

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


async def parse(request: Request, service: Service, schema: type[B]) -> B:
    """Read the body as JSON of this kind. Raises a ServiceError that says what is wrong."""
    if request.scope["query_string"] and names.strict(schema):
        refuse_query(request)
    body = await receive(request, service)
    if len(body) <= INLINE_BYTES:
        return read_json(body, schema)
    return await asyncio.to_thread(read_json, body, schema)


def read_json(body: bytes, schema: type[B]) -> B:
    """Validate JSON. Raises BadJSONError or InvalidRequestError."""
    try:
        asked = schema.model_validate_json(body)
    except ValidationError as error:
        raise errors.invalid(error, schema) from None
    if body.count(b":") > len(asked.model_fields_set):  # else each field has one to itself
        names.check(body, schema)
    return asked


def refuse_query(request: Request) -> None:
    """Raise InvalidRequestError for what stands behind the `?` where the body says everything."""
    for name, value in request.query_params.items():
        message = "an unknown name behind the ?: expected all fields in the body, as JSON"
        raise errors.wrong(name[:100], message, value)


def parse_query(request: Request, schema: type[Q]) -> Q:
    """Read what stands behind the `?`. Raises InvalidRequestError."""
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        if times > 1:
            found = request.query_params.getlist(name)
            raise errors.wrong(name[:100], f"given {times} times, expected once", found)
    try:
        return schema.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise errors.invalid(error, schema) from None


async def receive(request: Request, service: Service) -> bytes:
    """Read the body in the time and the size that it may have, also when it is unpacked."""
    settings = service.settings
    try:
        body = await within(settings.body_seconds, read(request, settings.max_body_bytes))
    except TimeoutError:
        raise errors.SlowBodyError(settings.body_seconds) from None
    encoding = request.headers.get("content-encoding")
    return body if encoding is None else unpacking.unpack(body, encoding, settings.max_body_bytes)


async def read(request: Request, limit: int) -> bytes:
    """Read a body, whatever length its header claims, and never more than `limit` bytes of it."""
    claimed = request.headers.get("content-length", "0")
    if claimed.isdigit() and int(claimed) > limit:
        raise errors.BodyTooLargeError(f"{claimed} bytes", limit)
    parts, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise errors.GoneError("the client left before its body was whole")
        part, more = message.get("body", b""), message.get("more_body", False)
        size += len(part)
        if size > limit:
            raise errors.BodyTooLargeError("more bytes than that", limit)
        parts.append(part)
    return b"".join(parts)


async def enter(request: Request, service: Service) -> None:
    """Wait at the door. Raises OverloadedError or ExpiredError."""
    until = due(request)
    try:
        await service.door.enter(math.inf if until is None else until)
    except ExpiredError as late:
        raise lateness(request, late) from None


async def compute(
    request: Request, service: Service, entry: Entry, work: Job, images: int | None = None
) -> Result:
    """Have the work done, unless that takes too long or the client leaves.

    `images` is how many the request is for in all, where this is the first part of its work.
    """
    owner, asked = request.state.owner, images or len(work)
    wait = service.quota.wait(owner, asked)
    if wait:
        raise errors.QuotaError(owner, service.settings.key_images_per_minute, wait)
    future = submit(request, service, entry, work, due(request))
    service.quota.charge(owner, asked)
    return await result_of(request, future)


def submit(
    request: Request, service: Service, entry: Entry, work: Job, until: float | None
) -> "asyncio.Future[Result]":
    """Queue work that is wanted by a time of `perf_counter`.

    Raises OverloadedError or ExpiredError.
    """
    seconds = None if until is None else until - perf_counter()
    try:
        return service.engine.submit(entry.name, entry.model, work, seconds)
    except QueueFullError as full:
        raise errors.OverloadedError(f"{full}: try again later", full.retry_after) from None
    except (TooLateError, ExpiredError) as late:
        raise lateness(request, late) from None
    except ClosedError:
        raise errors.OverloadedError("the service is going down", 1) from None


async def result_of(request: Request, future: "asyncio.Future[Result]") -> Result:
    """Wait for work that is queued. Raises ExpiredError, OverloadedError or GoneError."""
    try:
        result = await unless_disconnected(request.receive, future)
    except (TooLateError, ExpiredError) as late:
        raise lateness(request, late) from None
    except LostError as lost:
        raise errors.OverloadedError(f"{lost}; another one is started", 1) from None
    if (trace := CURRENT.get()) is not None:
        trace.computed(result)
    return result


def lateness(request: Request, late: TooLateError | ExpiredError) -> errors.ServiceError:
    """Say that a request would take longer than it may, or that it has."""
    given = request.headers[DEADLINE]
    if isinstance(late, ExpiredError):
        return errors.ExpiredError(f"not done within {DEADLINE}, {given}")
    return errors.TooBusyError(
        f"{late}, {DEADLINE} is {given}: try again later, give it longer, or ask for less",
        late.wait,
    )


def due(request: Request) -> float | None:
    """Say by what time of `perf_counter` an answer is wanted. Raises InvalidRequestError."""
    text = request.headers.get(DEADLINE)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 0 < int(text) <= LONGEST):
        message = f"found {text[:50]!r}, expected milliseconds, 1 to {LONGEST}"
        raise errors.wrong(DEADLINE, message, text)
    arrived = getattr(request.state, ARRIVED, None) or perf_counter()
    return arrived + int(text) / 1000


async def answer(
    service: Service,
    name: str,
    form: Format,
    picture: Picture,
    result: Result,
    headers: Mapping[str, str],
) -> Response:
    """Encode what was computed, and say where the time went."""
    began = perf_counter()
    content = await formats.encode(form, picture)
    encoded = perf_counter() - began
    service.metrics.encode.labels(name).observe(encoded)
    service.metrics.images.labels(picture.model).inc(len(picture.images))
    if (trace := CURRENT.get()) is not None:
        trace.encoded(name, began, began + encoded)
    return Response(
        content,
        media_type=form.media_type,
        headers={**told(picture.digest, result, encoded), **headers},
    )


def told(digest: str, result: Result, encoded: float) -> dict[str, str]:
    """Say which weights made an answer, and where the time went."""
    timing = "queue;dur=%.3f, compute;dur=%.3f, encode;dur=%.3f"
    milliseconds = 1000 * result.queued, 1000 * result.computed, 1000 * encoded
    return {"X-Model-Digest": digest, "Server-Timing": timing % milliseconds}
