"""`GET /models` and `GET /models/{model}`: the cards."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.catalog import Entry
from service.state import service_of


async def list_models(request: Request) -> Response:
    """List every model that serves."""
    catalog = service_of(request).catalog
    return JSONResponse({"models": [describe(entry) for entry in catalog.entries.values()]})


async def read_model(request: Request) -> Response:
    """Describe one model."""
    entry = service_of(request).catalog.find(request.path_params["model"])
    request.state.model = entry.name
    return JSONResponse(describe(entry))


def describe(entry: Entry) -> dict[str, Any]:
    """Say what a model is called here, which weights it has, and what its card says."""
    return {
        "model": entry.name,
        "digest": entry.digest,
        "precision": entry.model.precision,
        "batch_sizes": entry.model.sizes,
        "card": entry.card.model_dump(mode="json"),
    }
