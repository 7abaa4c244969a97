"""`POST /v1/images/generations`: images, as OpenAI's API is asked for them."""

from starlette.requests import Request
from starlette.responses import Response

from service import exchange
from service.catalog import Entry
from service.errors import wrong
from service.formats import Format
from service.parts import Part
from service.sheet import Sheet
from service.state import service_of
from service.v1 import answer
from service.v1.asked import translate
from service.v1.schemas import ImagesRequest

JSON = "application/json"


async def generations(request: Request) -> Response:
    """Make images of a class, or say where they are."""
    service = service_of(request)
    asked = await exchange.parse(request, service, ImagesRequest)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    sheet = Sheet(translate(asked, entry), entry, service.settings.max_images)
    part = sheet.part(0, sheet.count)
    if asked.response_format == "url":
        return address(request, asked, entry, part)
    result = await exchange.compute(request, service, entry, part.work)
    form = Format(JSON, lambda picture: answer.encoded(asked, entry, part, picture))
    picture = part.picture(entry, result.rows)
    return await exchange.answer(service, "openai", form, picture, result, {})


def address(request: Request, asked: ImagesRequest, entry: Entry, part: Part) -> Response:
    """Answer with addresses, for which nothing has to be computed. Raises InvalidRequestError."""
    if asked.output_format not in (None, "png"):
        raise wrong(
            "output_format",
            f"found {asked.output_format!r}, but images at addresses are png: ask for "
            "response_format b64_json",
            asked.output_format,
        )
    content = answer.addressed(asked, entry, part, str(request.base_url))
    return Response(content, media_type=JSON, headers={"X-Model-Digest": entry.digest})
