"""`GET /healthz`, `/readyz`, `/metrics`: for those who operate the service."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.formats import NEGOTIATED
from service.state import service_of


async def healthz(request: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Say whether requests will be served, which models are, and which files are not and why."""
    service = service_of(request)
    body = {
        "ready": service.ready,
        "models": list(service.catalog.entries),
        "refused": dict(service.catalog.refused),
    }
    return JSONResponse(body, 200 if service.ready else 503)


async def metrics(request: Request) -> Response:
    """Write the metrics for Prometheus, in its text format or as OpenMetrics."""
    text, kind = service_of(request).metrics.render(request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": kind, **NEGOTIATED})
