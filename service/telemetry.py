"""Telemetry: counts and times every request, as pure ASGI, so that disconnects stay visible."""

import logging
import re
import secrets
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import REQUEST
from service.metrics import UNKNOWN
from service.state import Service

if TYPE_CHECKING:
    from service.spans import Trace

HEADER = b"x-request-id"
TRACE = b"traceresponse"
GIVEN = re.compile(rb"[\w.:-]{1,100}")

log = logging.getLogger(__name__)


class Telemetry:
    """Name each HTTP request; observe it under its route's template and its model's known name."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service
        self.metrics = service.metrics
        self._drawn = secrets.token_hex(6)
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        code = 500
        name = self.name(scope)
        REQUEST.set(name)  # each request has a task, and a context, of its own
        tracing = self.service.tracing
        trace = None if tracing is None else tracing.begin(scope, began)

        async def note(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
                message["headers"] = [*message["headers"], (HEADER, name.encode())]
                if trace is not None:
                    message["headers"].append((TRACE, trace.answered))
                if not self.service.accepting:  # the next request has to go elsewhere
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, note)
        finally:
            self.metrics.in_flight.dec()
            self.observe(scope, name, code, began, trace)

    def observe(
        self, scope: Scope, name: str, code: int, began: float, trace: "Trace | None"
    ) -> None:
        """Count and time a request that is over, and end its trace."""
        state = scope.get("state", {})
        route, model = state.get("route", UNKNOWN), state.get("model", UNKNOWN)
        code = state.get("code", code)  # of an answer that ended otherwise than it began
        ended = perf_counter()
        exemplar = None if trace is None else trace.exemplar
        self.metrics.requests.labels(route, model, code).inc()
        self.metrics.duration.labels(route, model).observe(ended - began, exemplar)
        if trace is not None:
            trace.end(name, route, model, code, ended)
        if log.isEnabledFor(logging.DEBUG):
            note_access(scope["method"], route, model, code, ended - began)

    def name(self, scope: Scope) -> str:
        """Return the id that the client gave the request, or one that no other has."""
        for header, value in scope["headers"]:
            if header == HEADER and GIVEN.fullmatch(value):
                return str(value, "ascii", "replace")
        return f"{self._drawn}-{next(self._numbers):x}"


def note_access(method: str, route: str, model: str, code: int, seconds: float) -> None:
    """Log a request by its route: what a client wrote into a path or a header is in no log."""
    fields = {"route": route, "model": model, "code": code, "seconds": round(seconds, 6)}
    log.debug("%s %s %d", method, route, code, extra=fields)
