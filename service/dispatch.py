"""Dispatch: the short way in. A request for a fixed path goes to its handler after one look-up.

Starlette tries each route's pattern in turn and wraps every request in two layers that watch for
exceptions: more than all that a small image needs besides. What has no fixed path, or no endpoint
at all, still goes that way.
"""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.endpoint import Endpoint
from service.errors import ServiceError, on_service_error


class Dispatch:
    """Serve the endpoints whose paths have no parameter; pass all else on."""

    def __init__(self, app: ASGIApp, endpoints: Iterable[Endpoint]) -> None:
        self.app = app
        self.fixed = {(e.method, e.path): e for e in endpoints if "{" not in e.path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self.fixed.get((scope.get("method", ""), scope.get("path", "")))
        if endpoint is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await endpoint.handle(request)
        except ServiceError as error:
            response = await on_service_error(request, error)
        await response(scope, receive, send)
