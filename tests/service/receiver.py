"""A receiver of traces: OTLP over HTTP, as a collector takes it, decoded by OpenTelemetry's own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Received:
    """A span as it was received; ids in hexadecimal, times in nanoseconds."""

    name: str
    trace: str
    id: str
    parent: str
    state: str
    server: bool
    failed: bool
    began: int
    ended: int
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]

    @property
    def milliseconds(self) -> float:
        return (self.ended - self.began) / 1e6


class Receiver:
    """What has been received so far, and a way to wait for more."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self._more = Condition()
        self.address = ""

    def take(self, content: bytes) -> None:
        message = ExportTraceServiceRequest.FromString(content)
        with self._more:
            for part in message.resource_spans:
                resource = plain(part.resource.attributes)
                for scope in part.scope_spans:
                    self.spans += [received(span, resource) for span in scope.spans]
            self._more.notify_all()

    def of(self, trace: str) -> list[Received]:
        """Wait for the server's span of a trace, which comes last, and return the trace."""
        self.wait(lambda: any(span.server for span in self.kept(trace)))
        return self.kept(trace)

    def kept(self, trace: str) -> list[Received]:
        return [span for span in self.spans if span.trace == trace]

    def wait(self, true: Any) -> None:
        with self._more:
            assert self._more.wait_for(true, SECONDS), "it did not come"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            receiver.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def received(span: Span, resource: Mapping[str, Any]) -> Received:
    return Received(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        state=span.trace_state,
        server=span.kind == Span.SPAN_KIND_SERVER,
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=plain(span.attributes),
        resource=resource,
    )


def plain(attributes: Any) -> dict[str, Any]:
    """Read keys and values."""
    return {one.key: value(one.value) for one in attributes}


def value(any_: Any) -> Any:
    kind = any_.WhichOneof("value")
    found = getattr(any_, kind)
    return [value(one) for one in found.values] if kind == "array_value" else found
