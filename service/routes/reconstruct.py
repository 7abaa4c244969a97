"""`POST /reconstruct`: what an auto-encoder makes of an image."""

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from service import exchange, formats, upload
from service.engine.work import Rebuilt
from service.errors import wrong
from service.formats import RECONSTRUCT
from service.picture import Picture
from service.schemas import ReconstructQuery
from service.state import service_of


async def reconstruct(request: Request) -> Response:
    """Rebuild an image by the discriminator of a model where that is an auto-encoder."""
    service = service_of(request)
    asked = exchange.parse_query(request, ReconstructQuery)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    if "energy" not in entry.card.heads:
        able = [e.name for e in service.catalog.entries.values() if "energy" in e.card.heads]
        raise wrong(
            "model",
            f"the discriminator of {entry.name} is no auto-encoder: expected one of "
            f"{', '.join(able) or 'none, for no model served has one'}",
            entry.name,
        )
    form = formats.choose(RECONSTRUCT, asked.format, request.headers.get("accept", ""))
    image = await upload.receive(request, service, entry.card.image)
    result = await exchange.compute(request, service, entry, Rebuilt(image[np.newaxis], None))
    picture = Picture(entry.name, entry.digest, result.rows, [], None)
    return await exchange.answer(
        service, form, RECONSTRUCT[form], picture, result, formats.NEGOTIATED
    )
