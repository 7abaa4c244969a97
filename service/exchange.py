"""What every route does with a request before and after the engine: read, wait, answer."""

from collections.abc import Mapping
from time import perf_counter
from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from service import errors, formats
from service.catalog import Entry
from service.engine.batcher import ClosedError, QueueFullError, Result
from service.engine.work import Work
from service.formats import Format, Picture
from service.schemas import Body
from service.state import Service
from service.watch import unless_disconnected

B = TypeVar("B", bound=Body)


async def parse(request: Request, schema: type[B], limit: int) -> B:
    """Read a body of at most `limit` bytes. Raises a ServiceError that says what is wrong."""
    body = await read(request, limit)
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        raise errors.invalid(error) from None


async def read(request: Request, limit: int) -> bytes:
    """Read a body, whatever length its header claims, and never more than `limit` bytes of it."""
    claimed = request.headers.get("content-length", "0")
    if claimed.isdigit() and int(claimed) > limit:
        raise errors.BodyTooLargeError(claimed, limit)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise errors.BodyTooLargeError(f"more than {limit}", limit)
            parts.append(part)
    except ClientDisconnect:
        raise errors.GoneError("the client left before its body was whole") from None
    return b"".join(parts)


async def compute(request: Request, service: Service, entry: Entry, work: Work) -> Result:
    """Have the work done, unless the queue is full or the client leaves."""
    try:
        future = service.engine.submit(entry.name, entry.model, work)
    except QueueFullError as full:
        raise errors.OverloadedError(f"{full}: try again later", full.retry_after) from None
    except ClosedError:
        raise errors.OverloadedError("the service is going down", 1) from None
    return await unless_disconnected(request.receive, future)


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
    timing = (("queue", result.queued), ("compute", result.computed), ("encode", encoded))
    return Response(
        content,
        media_type=form.media_type,
        headers={
            "X-Model-Digest": picture.digest,
            "Server-Timing": ", ".join(f"{k};dur={1000 * seconds:.3f}" for k, seconds in timing),
            "Vary": "Accept",
            **headers,
        },
    )
