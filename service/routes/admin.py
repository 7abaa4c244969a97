"""`POST /admin/...`: which models are served, for those who hold the admin key."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import fellows
from service.state import Service, service_of


async def reload(request: Request) -> Response:
    """Take up what has changed in the folders now, and list what is served then."""
    return await listed(request, "reload")


async def load(request: Request) -> Response:
    """Read a model's file again, also one that was unloaded."""
    return await listed(request, "load", request.path_params["model"])


async def unload(request: Request) -> Response:
    """Serve a model no longer, until it is loaded or its file changes."""
    return await listed(request, "unload", request.path_params["model"])


async def listed(request: Request, order: str, *arguments: str) -> Response:
    """Have it done, and list what is served then."""
    service = service_of(request)
    await carry_out(service, order, *arguments)
    catalog = service.catalog
    return JSONResponse({"models": list(catalog.entries), "refused": dict(catalog.refused)})


async def carry_out(service: Service, order: str, *arguments: str) -> None:
    """Do it here, and have the rest of the fleet do it."""
    await fellows.do(service.keeper, order, arguments)
    if service.fellows is not None:
        service.fellows.tell(order, arguments)
