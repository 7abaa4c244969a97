"""`GET /v2` and `/v2/health/...`: the server itself."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.errors import NotOfferedError
from service.state import service_of

EXTENSIONS = (
    "binary_tensor_data",
    "model_configuration",
    "model_repository",
    "parameters",
    "statistics",
)


async def server_metadata(request: Request) -> Response:
    """Name the server and the extensions of the protocol that it has."""
    described = {"name": "ganforge", "version": version("ganforge"), "extensions": EXTENSIONS}
    return JSONResponse(described)


async def server_live(request: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"live": True})


async def server_ready(request: Request) -> Response:
    """Say whether requests will be served."""
    if service_of(request).ready:
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False, "error": "not ready: GET /readyz says more"}, 503)


async def not_offered(request: Request) -> Response:
    """Refuse what there is no use for here."""
    raise NotOfferedError(
        f"{request.url.path[:100]}: traces, log settings and shared memory are not offered: GET "
        "/v2 lists the extensions that are"
    )
