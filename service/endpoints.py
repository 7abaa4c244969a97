"""Every route once: what the router serves, what the metrics call it, what OpenAPI says of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import formats
from service.gate import Access
from service.routes import (
    admin,
    discriminate,
    generate,
    health,
    images,
    interpolate,
    models,
    reconstruct,
)
from service.schemas import (
    Body,
    DiscriminateQuery,
    GenerateRequest,
    ImageQuery,
    InterpolateRequest,
    Query,
    ReconstructQuery,
)
from service.state import service_of

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A method on a path; its summary is its handler's docstring, an `upload` is an image."""

    method: str
    path: str
    handler: Handler
    body: type[Body] | None = None
    query: type[Query] | None = None
    upload: bool = False
    media_types: tuple[str, ...] = ("application/json",)
    errors: tuple[int, ...] = ()
    access: Access = Access.KEY

    async def handle(self, request: Request) -> Response:
        """Serve it, and leave its template where the metrics find it."""
        request.state.route = self.path
        service = service_of(request)
        request.state.owner = service.gate.admit(request, self.access)
        if self.computed:
            await service.door.enter()
        return await self.handler(request)

    @cached_property
    def computed(self) -> bool:
        """Whether the networks have to work for it: if so, there may be no room."""
        return self.access is Access.KEY and HTTPStatus.SERVICE_UNAVAILABLE in self.errors

    @property
    def route(self) -> Route:
        """Describe it to the router."""
        return Route(self.path, self.handle, methods=[self.method])


def media_types(offered: dict[str, formats.Format]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.media_type for form in offered.values()))


MAKING = (400, 401, 404, 406, 408, 413, 415, 422, 429, 503, 504)
SEEING = (401, 404, 408, 413, 415, 422, 429, 503, 504)
REFUSED = (401, 403)

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/generate",
        handler=generate.generate,
        body=GenerateRequest,
        media_types=media_types(dict(formats.GENERATE)),
        errors=MAKING,
    ),
    Endpoint(
        method="POST",
        path="/interpolate",
        handler=interpolate.interpolate,
        body=InterpolateRequest,
        media_types=media_types(dict(formats.INTERPOLATE)),
        errors=MAKING,
    ),
    Endpoint(
        method="POST",
        path="/discriminate",
        handler=discriminate.discriminate,
        query=DiscriminateQuery,
        upload=True,
        errors=SEEING,
    ),
    Endpoint(
        method="POST",
        path="/reconstruct",
        handler=reconstruct.reconstruct,
        query=ReconstructQuery,
        upload=True,
        media_types=media_types(dict(formats.RECONSTRUCT)),
        errors=(*SEEING, 406),
    ),
    Endpoint(
        method="GET",
        path="/images/{model}/{seed}.png",
        handler=images.image,
        query=ImageQuery,
        media_types=("image/png",),
        errors=(401, 404, 422, 429, 503, 504),
    ),
    Endpoint(method="GET", path="/models", handler=models.list_models, errors=(401,)),
    Endpoint(method="GET", path="/models/{model}", handler=models.read_model, errors=(401, 404)),
    Endpoint(
        method="POST",
        path="/admin/reload",
        handler=admin.reload,
        errors=REFUSED,
        access=Access.ADMIN,
    ),
    Endpoint(
        method="POST",
        path="/admin/models/{model}/load",
        handler=admin.load,
        errors=(*REFUSED, 404, 422),
        access=Access.ADMIN,
    ),
    Endpoint(
        method="POST",
        path="/admin/models/{model}/unload",
        handler=admin.unload,
        errors=(*REFUSED, 404),
        access=Access.ADMIN,
    ),
    Endpoint(method="GET", path="/healthz", handler=health.healthz, access=Access.OPEN),
    Endpoint(
        method="GET", path="/readyz", handler=health.readyz, errors=(503,), access=Access.OPEN
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=health.metrics,
        media_types=("text/plain", "application/openmetrics-text"),
        access=Access.OPEN,
    ),
)
