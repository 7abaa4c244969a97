"""Spans: what OpenTelemetry hears of a request, and of where its time went.

The server's span begins with the request; those below it are made when it is over, from times that
were measured anyway. Names and attributes are those of the semantic conventions for HTTP.
"""

import asyncio
import logging
import os
import uuid
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from threading import Thread
from time import perf_counter_ns, time_ns
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import get_global_textmap
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue
from starlette.types import Scope

from service.engine.batcher import Result
from service.metrics import UNKNOWN
from service.tracing import CURRENT

EXPORTERS: Mapping[str, type[SpanExporter]] = {
    "otlp": OTLPSpanExporter,
    "console": ConsoleSpanExporter,
}
SCOPE = InstrumentationScope("ganforge", version("ganforge"))

FLUSH_SECONDS = 5.0
"""A receiver that does not take what is left in this time does not get it."""

STEPS = 96
"""No more spans than this are below a request's own, which says how many were left out."""

LONGEST = 512
"""So much is kept of what a client wrote: spans wait in memory until they are sent."""

METHODS = frozenset(
    ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")
)
SERVER_ERROR = 500

Value = str | int

log = logging.getLogger(__name__)


class Step(NamedTuple):
    """Where some of the time went; times are those of `perf_counter`."""

    name: str
    began: float
    ended: float
    attributes: Mapping[str, Value]


class Tracing:
    """Traces requests; spans are sent from a thread of their own, which drops what is too much.

    All else is as the standard variables say: OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME and so on.
    Raises ValueError for one that OpenTelemetry cannot work with.
    """

    def __init__(self, exporters: Iterable[str]) -> None:
        self._provider = TracerProvider(resource=resource(), shutdown_on_exit=False)
        self._processors = [BatchSpanProcessor(EXPORTERS[name]()) for name in exporters]
        for processor in self._processors:
            self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SCOPE.name, SCOPE.version)
        self._propagator = get_global_textmap()
        self._fields = {field.encode() for field in self._propagator.fields} - {b"baggage"}

    def begin(self, scope: Scope, began: float) -> "Trace":
        """Begin the span of a request, as a part of its client's trace if it has one."""
        offset = time_ns() - perf_counter_ns()
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        called = "HTTP" if method == "_OTHER" else method
        span = self._tracer.start_span(
            called,
            context=self._parent(scope),
            kind=SpanKind.SERVER,
            start_time=offset + nanoseconds(began),
        )
        if span.is_recording():  # no sampler that there is asks for them
            span.set_attributes(asked(scope, method))
        trace = Trace(self, span, called, offset)
        CURRENT.set(trace)
        return trace

    def _parent(self, scope: Scope) -> Context:
        """Read what the client says of its own span; what is too long is not looked at."""
        carrier: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            if name in self._fields and len(value) <= LONGEST:
                carrier.setdefault(name.decode(), []).append(value.decode("latin-1"))
        return self._propagator.extract(carrier, Context()) if carrier else Context()

    def add(self, parent: SpanContext, step: Step, offset: int) -> None:
        """Send a span that is over before it began to be one: no sampler and no lock is needed."""
        span = ReadableSpan(
            step.name,
            context=SpanContext(
                parent.trace_id,
                self._provider.id_generator.generate_span_id(),
                is_remote=False,
                trace_flags=parent.trace_flags,
                trace_state=parent.trace_state,
            ),
            parent=parent,
            resource=self._provider.resource,
            attributes=step.attributes,
            instrumentation_scope=SCOPE,
            start_time=offset + nanoseconds(step.began),
            end_time=offset + nanoseconds(step.ended),
        )
        for processor in self._processors:
            processor.on_end(span)

    async def close(self) -> None:
        """Send what is left, for a while."""
        sender = Thread(target=self._provider.shutdown, daemon=True)
        sender.start()
        await asyncio.to_thread(sender.join, FLUSH_SECONDS)
        if sender.is_alive():
            log.warning("spans were not taken within %g seconds and are lost", FLUSH_SECONDS)


class Trace:
    """The span of one request, and what is noted meanwhile of where its time goes."""

    def __init__(self, tracing: Tracing, span: Span, method: str, offset: int) -> None:
        self._tracing = tracing
        self._span = span
        self._method = method
        self._offset = offset
        self._steps: list[Step] = []
        self._left_out = 0
        self._images = 0
        self._at = span.get_span_context()
        self._recorded = span.is_recording()

    @property
    def ids(self) -> dict[str, str]:
        """Name the trace and the span as lines of a log do."""
        _, trace, span, flags = self.answered.decode().split("-")
        return {"trace_id": trace, "span_id": span, "trace_flags": flags}

    @property
    def answered(self) -> bytes:
        """Write what `traceresponse` tells the client (W3C Trace Context, level 2)."""
        at = self._at
        return b"00-%032x-%016x-%02x" % (at.trace_id, at.span_id, at.trace_flags)

    @property
    def exemplar(self) -> dict[str, str] | None:
        """Name the trace for a histogram, if it is kept."""
        return {"trace_id": f"{self._at.trace_id:032x}"} if self._recorded else None

    def computed(self, result: Result) -> None:
        """Note how long work waited, and for how long the device had it.

        The batcher's clock, `monotonic`, and `perf_counter` are one on Linux and macOS.
        """
        if not self._recorded:
            return
        images = len(result.rows)
        self._images += images
        self._note("queue", result.arrived, result.arrived + result.queued, {})
        shared = {"ganforge.images": images, "ganforge.batch.images": result.batch}
        self._note("compute", result.done - result.computed, result.done, shared)

    def encoded(self, form: str, began: float, ended: float) -> None:
        """Note how long an answer, or a part of it, took to write."""
        if self._recorded:
            self._note("encode", began, ended, {"ganforge.format": form})

    def _note(self, name: str, began: float, ended: float, more: Mapping[str, Value]) -> None:
        if len(self._steps) < STEPS:
            self._steps.append(Step(name, began, ended, more))
        else:
            self._left_out += 1

    def end(self, name: str, route: str, model: str, code: int, ended: float) -> None:
        """End the span of a request that is answered, and make those below it."""
        if not self._recorded:
            return
        for step in self._steps:
            self._tracing.add(self._at, step, self._offset)
        if route != UNKNOWN:
            self._span.update_name(f"{self._method} {route}")
        if code >= SERVER_ERROR:  # a client's fault is no error of the server's
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.set_attributes(self._described(name, route, model, code))
        self._span.end(self._offset + nanoseconds(ended))

    def _described(self, name: str, route: str, model: str, code: int) -> dict[str, AttributeValue]:
        """Say what became of the request."""
        said: dict[str, AttributeValue] = {
            "http.response.status_code": code,
            "http.response.header.x-request-id": [name],
        }
        known: dict[str, Value] = {
            "http.route": "" if route == UNKNOWN else route,
            "ganforge.model": "" if model == UNKNOWN else model,
            "ganforge.images": self._images,
            "ganforge.spans_left_out": self._left_out,
            "error.type": str(code) if code >= SERVER_ERROR else "",
        }
        return said | {key: value for key, value in known.items() if value}


def asked(scope: Scope, method: str) -> dict[str, Value]:
    """Describe a request by what stands in its first line, but for the query, and its sender."""
    said: dict[str, Value] = {
        "http.request.method": method,
        "url.scheme": scope["scheme"],
        "url.path": scope["path"][:LONGEST],
        "network.protocol.version": scope["http_version"],
    }
    if method == "_OTHER":
        said["http.request.method_original"] = scope["method"][:LONGEST]
    if scope.get("server"):
        said["server.address"], said["server.port"] = scope["server"]
    for name, value in scope["headers"]:
        if name == b"user-agent":
            said["user_agent.original"] = value[:LONGEST].decode("latin-1")
    return said


def resource() -> Resource:
    """Say who sends the spans; what the environment says of it goes before what we do."""
    ours: dict[str, AttributeValue] = {
        "service.name": "ganforge",
        "service.version": version("ganforge"),
        "service.instance.id": str(uuid.uuid4()),
        "process.pid": os.getpid(),
    }
    return Resource.create({**ours, **OTELResourceDetector().detect().attributes})


def nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
