"""Telemetry: counts and times every request, as pure ASGI, so that disconnects stay visible."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import UNKNOWN, Metrics


class Telemetry:
    """Observe each HTTP request under its route's template and its model's known name."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        code = 500

        async def note(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = message["status"]
            await send(message)

        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, note)
        finally:
            self.metrics.in_flight.dec()
            state = scope.get("state", {})
            route, model = state.get("route", UNKNOWN), state.get("model", UNKNOWN)
            code = state.get("code", code)  # of an answer that ended otherwise than it began
            self.metrics.requests.labels(route, model, code).inc()
            self.metrics.duration.labels(route, model).observe(perf_counter() - began)
