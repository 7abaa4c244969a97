"""`POST /admin/...`: which models are served, for those who hold the admin key."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import fellows
from service.state import service_of


async def reload(request: Request) -> Response:
    """Take up what has changed in the folders now, and list what is served then."""
    return await carry_out(request, "reload")


async def load(request: Request) -> Response:
    """Read a model's file again, also one that was unloaded."""
    return await carry_out(request, "load", request.path_params["model"])


async def unload(request: Request) -> Response:
    """Serve a model no longer, until it is loaded or its file changes."""
    return await carry_out(request, "unload", request.path_params["model"])


async def carry_out(request: Request, order: str, *arguments: str) -> Response:
    """Do it here, have the rest of the fleet do it, and list what is served then."""
    service = service_of(request)
    await fellows.do(service.keeper, order, arguments)
    if service.fellows is not None:
        service.fellows.tell(order, arguments)
    catalog = service.catalog
    return JSONResponse({"models": list(catalog.entries), "refused": dict(catalog.refused)})
