"""`POST /v2/repository/...`: which models there are, and which of them serve."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import exchange
from service.catalog import Catalog
from service.errors import InvalidRequestError
from service.routes import admin
from service.state import service_of
from service.v2.schemas import ControlRequest, IndexRequest


async def repository_index(request: Request) -> Response:
    """List the models, and the files that cannot be served with their reasons."""
    service = service_of(request)
    body = await exchange.receive(request, service)
    asked = exchange.read_json(body, IndexRequest) if body else IndexRequest()
    listed = list(index(service.catalog))
    return JSONResponse([one for one in listed if one["state"] == "READY" or not asked.ready])


def index(catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Describe each model, and each file that was refused and has no other serve by its name."""
    for name, entry in catalog.entries.items():
        yield {"name": name, "version": entry.digest, "state": "READY", "reason": ""}
    for file, reason in catalog.refused.items():
        if Path(file).stem not in catalog.entries:
            yield {"name": Path(file).stem, "state": "UNAVAILABLE", "reason": reason}


async def repository_load(request: Request) -> Response:
    """Read a model's file again, as it is: no other may be sent in its place."""
    return await control(request, "load")


async def repository_unload(request: Request) -> Response:
    """Serve a model no longer, until it is loaded or its file changes."""
    return await control(request, "unload")


async def control(request: Request, order: str) -> Response:
    """Have it done. Raises InvalidRequestError for what would replace a file or a card."""
    service, name = service_of(request), request.path_params["model"]
    body = await exchange.receive(request, service)
    asked = exchange.read_json(body, ControlRequest) if body else ControlRequest()
    for parameter in asked.parameters:
        if parameter == "config" or parameter.startswith("file:"):
            raise InvalidRequestError(
                f"parameters: found {parameter[:100]!r}: a model is loaded from its own file and "
                "nothing else; put another file into the folder"
            )
    await admin.carry_out(service, order, name)
    return JSONResponse({"name": name, order: True})
