"""`POST /admin/...`: which models are served, for those who hold the admin key."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.state import service_of


async def reload(request: Request) -> Response:
    """Take up what has changed in the folders now, and list what is served then."""
    await service_of(request).keeper.follow(at_once=True)
    return listing(request)


async def load(request: Request) -> Response:
    """Read a model's file again, also one that was unloaded."""
    await service_of(request).keeper.load(request.path_params["model"])
    return listing(request)


async def unload(request: Request) -> Response:
    """Serve a model no longer, until it is loaded or its file changes."""
    await service_of(request).keeper.unload(request.path_params["model"])
    return listing(request)


def listing(request: Request) -> Response:
    catalog = service_of(request).catalog
    return JSONResponse({"models": list(catalog.entries), "refused": dict(catalog.refused)})
