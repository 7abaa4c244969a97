"""`POST /generate`: images of seeds, classes, latents and codes."""

from starlette.requests import Request
from starlette.responses import Response

from service import exchange, formats, parts
from service.formats import GENERATE, Format
from service.schemas import GenerateRequest
from service.settings import Settings
from service.sheet import Sheet
from service.state import service_of

STREAMED = ", ".join(name for name, form in GENERATE.items() if form.stream)


async def generate(request: Request) -> Response:
    """Make images of one model."""
    service = service_of(request)
    asked = await exchange.parse(request, service, GenerateRequest)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    name = formats.choose(GENERATE, asked.format, request.headers.get("accept", ""))
    form = GENERATE[name]
    sheet = Sheet(asked, entry, limit_of(form, service.settings), more(form, service.settings))
    headers = {**formats.NEGOTIATED, "X-Seed": str(sheet.first)}
    if form.stream is not None and sheet.count > parts.size(entry):
        sender = parts.Sender(request, service, entry, sheet.part)
        return await sender.answer(name, form, sheet.count, headers)
    whole = sheet.part(0, sheet.count)
    result = await exchange.compute(request, service, entry, whole.work)
    if whole.classes is not None:
        headers["X-Class"] = ",".join(map(str, whole.classes.tolist()))
    picture = whole.picture(entry, result.rows)
    return await exchange.answer(service, name, form, picture, result, headers)


def limit_of(form: Format, settings: Settings) -> int:
    """Say how many images may be asked for in a format."""
    return max(settings.max_images, settings.max_streamed_images if form.stream else 0)


def more(form: Format, settings: Settings) -> str:
    """Say which formats have more images, where this one has not."""
    largest = settings.max_streamed_images
    if form.stream or largest <= settings.max_images:
        return ""
    return f"; up to {largest} in one of the formats {STREAMED}"
