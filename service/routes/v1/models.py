"""`GET /v1/models`: what is served, as OpenAI's API lists it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.catalog import Entry
from service.state import service_of


async def list_as_openai(request: Request) -> Response:
    """List every model that serves, as OpenAI does."""
    entries = service_of(request).catalog.entries.values()
    return JSONResponse({"object": "list", "data": [described(entry) for entry in entries]})


async def read_as_openai(request: Request) -> Response:
    """Name one model, as OpenAI does."""
    entry = service_of(request).catalog.find(request.path_params["model"])
    request.state.model = entry.name
    return JSONResponse(described(entry))


def described(entry: Entry) -> dict[str, Any]:
    """Name a model; when it was made no checkpoint says."""
    return {"id": entry.name, "object": "model", "created": 0, "owned_by": "ganforge"}
