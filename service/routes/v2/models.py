"""`GET /v2/models/...`: what a model takes and gives, whether it serves, and what it has done."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.catalog import Entry
from service.state import Service, service_of
from service.v2 import described, stats, versions


def found(request: Request) -> tuple[Service, Entry]:
    """Find the model of a path. Raises a ServiceError."""
    service = service_of(request)
    entry = versions.find(service.catalog, request.path_params)
    request.state.model = entry.name
    return service, entry


async def model_metadata(request: Request) -> Response:
    """Name a model's version and its tensors."""
    return JSONResponse(described.metadata(found(request)[1]))


async def model_ready(request: Request) -> Response:
    """Say that a model serves; one that does not is not found."""
    return JSONResponse({"name": found(request)[1].name, "ready": True})


async def model_config(request: Request) -> Response:
    """Describe a model as its configuration would."""
    service, entry = found(request)
    return JSONResponse(described.config(entry, service.settings.max_images))


async def model_statistics(request: Request) -> Response:
    """Count what a model has done."""
    service, entry = found(request)
    return JSONResponse(stats.statistics([entry], service.metrics.samples()))


async def statistics(request: Request) -> Response:
    """Count what each model has done."""
    service = service_of(request)
    entries = service.catalog.entries.values()
    return JSONResponse(stats.statistics(entries, service.metrics.samples()))
