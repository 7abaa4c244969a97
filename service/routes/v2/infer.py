"""`POST /v2/models/{model}/infer`: images as tensors."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from service import exchange, packing
from service.catalog import Entry
from service.formats import Format
from service.parts import Part
from service.picture import Picture
from service.state import service_of
from service.v2 import codec, rows, tensors, versions
from service.v2.answer import Answer
from service.v2.schemas import InferRequest

RAW = "seed"
"""The tensor that a body without JSON is."""


async def infer(request: Request) -> Response:
    """Make images, of tensors in JSON or binary ones behind it, and send them as such."""
    service = service_of(request)
    entry = versions.find(service.catalog, request.path_params)
    request.state.model = entry.name
    body = await exchange.receive(request, service)
    length, limit = request.headers.get(codec.LENGTH), service.settings.max_images
    if len(body) <= exchange.INLINE_BYTES:
        answer, part = read(body, length, entry, limit)
    else:
        answer, part = await asyncio.to_thread(read, body, length, entry, limit)
    result = await exchange.compute(request, service, entry, part.work)
    packed = packing.choose(request.headers.get("accept-encoding", ""))
    form = Format(answer.media_type, lambda picture: write(answer, picture, part, packed))
    picture = part.picture(entry, result.rows)
    response = await exchange.answer(service, "v2", form, picture, result, packing.NEGOTIATED)
    if packed is not None:
        response.headers["Content-Encoding"] = packed
    if answer.head is not None:
        response.headers[codec.LENGTH] = str(answer.head)
    return response


def read(body: bytes, length: str | None, entry: Entry, limit: int) -> tuple[Answer, Part]:
    """Understand a request as far as its answer and its work. Raises a ServiceError."""
    head, content = codec.cut(body, length)
    if length is not None and not head:
        asked = codec.raw(RAW, content)
    else:
        asked = exchange.read_json(head, InferRequest)
    given = tensors.named(asked.inputs, tensors.inputs(entry.card), "inputs")
    tensors.count(given, limit)
    answer = Answer(asked, entry)
    return answer, rows.part(entry, codec.arrays(asked.inputs, content))


def write(answer: Answer, picture: Picture, part: Part, packed: str | None) -> bytes:
    """Write an answer, compressed if it is to be."""
    content = answer.write(picture, part.classes)
    return content if packed is None else packing.pack(content, packed)
