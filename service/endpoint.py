"""Endpoint: a method on a path, what serves it and what OpenAPI says of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service import exchange, shapes
from service.gate import Access
from service.schemas import Body, Query
from service.shapes import Json, Shape
from service.state import service_of

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A method on a path; its summary is its handler's docstring, an `upload` is an image.

    `name` is needed where a handler serves several paths. A body may be left out where it is
    `optional`, or be something else than JSON, of the media types of `others`; `headers` are those
    that it reads, each with its schema.
    """

    method: str
    path: str
    handler: Handler
    name: str = ""
    body: type[Body] | None = None
    optional: bool = False
    others: tuple[str, ...] = ()
    headers: Mapping[str, Json] = field(default_factory=dict)
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
            await exchange.enter(request, service)
        return await self.handler(request)

    @cached_property
    def computed(self) -> bool:
        """Whether the networks have to work for it: if so, there may be no room."""
        return self.access is Access.KEY and HTTPStatus.SERVICE_UNAVAILABLE in self.errors

    @property
    def shape(self) -> Shape:
        """How its errors are written."""
        return shapes.of(self.path)

    @property
    def route(self) -> Route:
        """Describe it to the router."""
        return Route(self.path, self.handle, methods=[self.method])
