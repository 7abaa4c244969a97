"""Traces, by a real receiver: what a request's spans say, and that none can hurt a request."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from models.errors import UserError
from service import tracing
from service.engine.batcher import Result
from service.spans import STEPS, Tracing
from tests import zoo
from tests.service.receiver import Received, Receiver, receiving
from tests.service.test_fleet import members
from tests.service.test_server import Server, paused, serving, wait_until, worker_of

SOON = {"OTEL_BSP_SCHEDULE_DELAY": "20", "GANFORGE_GRACE_SECONDS": "0"}
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
RESPONSE = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Answer:
    """A status, headers, and the ids that `traceresponse` names."""

    def __init__(self, status: int, headers: Any) -> None:
        self.status = status
        self.headers = headers
        found = RESPONSE.fullmatch(headers["traceresponse"])
        assert found
        self.trace, self.span = found.groups()


def ask(server: Server, path: str = "/generate", body: Any = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    content = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{server.port}{path}", content, named)
    try:
        with urlopen(request, timeout=30) as answer:
            answer.read()
            return Answer(answer.status, answer.headers)
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers)


PLAIN = {"model": "plain", "n": 3, "seed": 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traced")
    zoo.write(folder, zoo.card("plain"))
    return folder


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def server(models: Path, receiver: Receiver) -> Iterator[Server]:
    with serving(models, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address, **SOON) as server:
        yield server


def split(spans: list[Received]) -> tuple[Received, dict[str, Received]]:
    """Tell the server's span from those below it, one of each name."""
    [whole] = [span for span in spans if span.server]
    below = {span.name: span for span in spans if span is not whole}
    assert len(below) == len(spans) - 1
    return whole, below


def test_a_request_is_a_span_with_its_queue_compute_and_encoding(
    server: Server, receiver: Receiver
) -> None:
    answer = ask(server, body=PLAIN, X_Request_Id="find-me", User_Agent="me/1")
    whole, below = split(receiver.of(answer.trace))
    assert (whole.name, whole.id, whole.parent) == ("POST /generate", answer.span, "")
    assert whole.attributes == {
        "http.request.method": "POST",
        "http.route": "/generate",
        "http.response.status_code": 200,
        "http.response.header.x-request-id": ["find-me"],
        "url.scheme": "http",
        "url.path": "/generate",
        "network.protocol.version": "1.1",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "user_agent.original": "me/1",
        "ganforge.model": "plain",
        "ganforge.images": 3,
    }
    assert below.keys() == {"queue", "compute", "encode"}
    assert {span.parent for span in below.values()} == {whole.id}
    assert below["compute"].attributes == {"ganforge.images": 3, "ganforge.batch.images": 3}
    assert below["encode"].attributes == {"ganforge.format": "png"}
    assert not whole.failed


def test_times_follow_one_another_and_are_those_that_the_client_is_told(
    server: Server, receiver: Receiver
) -> None:
    before = time.time_ns()
    answer = ask(server, body=PLAIN)
    whole, below = split(receiver.of(answer.trace))
    queue, compute, encode = (below[name] for name in ("queue", "compute", "encode"))
    moments = [before, whole.began, queue.began, queue.ended, compute.began, compute.ended,
               encode.began, encode.ended, whole.ended, time.time_ns()]  # fmt: skip
    assert moments == sorted(moments)
    told = dict(re.findall(r"(\w+);dur=([\d.]+)", answer.headers["server-timing"]))
    for name, span in below.items():
        assert span.milliseconds == pytest.approx(float(told[name]), abs=0.002)


def test_a_clients_trace_goes_on(server: Server, receiver: Receiver) -> None:
    given = f"00-{TRACE}-{SPAN}-01"
    answer = ask(server, body=PLAIN, traceparent=given, tracestate="a=1,b=2")
    assert answer.trace == TRACE
    whole, below = split(receiver.of(TRACE))
    assert (whole.id, whole.parent, whole.state) == (answer.span, SPAN, "a=1,b=2")
    assert len(below) == 3


def test_a_client_that_does_not_sample_is_not_sampled(server: Server, receiver: Receiver) -> None:
    """Spans are sent in order: when the second request's have come, the first's would have."""
    quiet = ask(server, body=PLAIN, traceparent=f"00-{'a' * 32}-{SPAN}-00")
    loud = ask(server, body=PLAIN, traceparent=f"00-{'b' * 32}-{SPAN}-01")
    assert quiet.headers["traceresponse"].endswith("-00")
    assert (quiet.trace, loud.trace) == ("a" * 32, "b" * 32)
    assert receiver.of(loud.trace)
    assert receiver.kept(quiet.trace) == []


@pytest.mark.parametrize(
    "given",
    ["", "00", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE.upper()}-{SPAN}-01", f"ff-{TRACE}-{SPAN}-01",
     f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{TRACE}-{SPAN}-01" + "x" * 600,
     "\xff" * 55, "x" * 30_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_what_is_no_traceparent_begins_a_trace(
    server: Server, receiver: Receiver, given: str
) -> None:
    answer = ask(server, body=PLAIN, traceparent=given, tracestate="=,=," + "z" * 9000)
    assert answer.status == 200
    assert answer.trace != TRACE
    whole, _ = split(receiver.of(answer.trace))
    assert (whole.parent, whole.state) == ("", "")


@pytest.mark.parametrize(
    ("path", "body", "status", "name", "model"),
    [
        ("/generate", {"model": "none"}, 404, "POST /generate", None),
        ("/generate", {"model": "plain", "n": 0}, 422, "POST /generate", None),
        ("/no/such/path", None, 404, "GET", None),
        ("/models/plain?key=secret", None, 200, "GET /models/{model}", "plain"),
    ],
)
def test_a_route_is_named_by_its_template_and_a_clients_fault_is_no_error(
    server: Server, receiver: Receiver, path: str, body: Any, status: int, name: str, model: str
) -> None:
    answer = ask(server, path, body)
    [span] = receiver.of(answer.trace)
    assert answer.status == span.attributes["http.response.status_code"] == status
    assert (span.name, span.failed) == (name, False)
    assert span.attributes.get("ganforge.model") == model
    assert "error.type" not in span.attributes
    assert "secret" not in str(span)


def test_what_a_client_writes_is_cut_off(server: Server, receiver: Receiver) -> None:
    answer = ask(server, "/" + "a" * 30_000, User_Agent="b" * 30_000)
    [span] = receiver.of(answer.trace)
    assert span.attributes["url.path"] == "/" + "a" * 511
    assert span.attributes["user_agent.original"] == "b" * 512


def test_a_failure_of_the_service_is_an_error(server: Server, receiver: Receiver) -> None:
    with paused(worker_of(server)):
        answer = ask(server, body=PLAIN, X_Deadline_Ms="100")
    [whole] = receiver.of(answer.trace)
    assert (whole.failed, whole.attributes["error.type"]) == (True, "504")


def test_who_sends_is_named(server: Server, receiver: Receiver) -> None:
    whole, _ = split(receiver.of(ask(server, body=PLAIN).trace))
    assert whole.resource["service.name"] == "ganforge"
    assert whole.resource["process.pid"] == server.process.pid


def test_a_histogram_names_a_trace_of_each_bucket(server: Server) -> None:
    """In OpenMetrics alone; the older text format has no place for it."""
    answer = ask(server, body=PLAIN)
    request = Request(f"http://127.0.0.1:{server.port}/metrics", headers=OPEN_METRICS)
    with urlopen(request, timeout=30) as found:
        kind, text = found.headers["content-type"], found.read().decode()
    assert kind.startswith("application/openmetrics-text")
    parsed = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    families = {family.name: family for family in parsed}
    named = [
        sample.exemplar.labels["trace_id"]
        for sample in families["ganforge_request_duration_seconds"].samples
        if sample.exemplar and sample.labels["route"] == "/generate"
    ]
    assert answer.trace in named
    assert "trace_id" not in server.get("/metrics")


def test_workers_send_what_is_left_when_they_end(models: Path, receiver: Receiver) -> None:
    """Each for itself, as one service of the name that the environment gives."""
    own = {"OTEL_SERVICE_NAME": "shop", "GANFORGE_WORKERS": "2", "GANFORGE_GRACE_SECONDS": "0",
           "OTEL_BSP_SCHEDULE_DELAY": "600000", "GANFORGE_LOG_FORMAT": "json",
           "GANFORGE_LOG_LEVEL": "debug"}  # fmt: skip
    with serving(models, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.address, **own) as server:
        wait_until(lambda: len(members(server)) == 2)
        answers: list[Answer] = []
        for one in members(server):
            with paused(one):  # the other has to answer
                answers.append(ask(server, body=PLAIN))
        metrics = Request(f"http://127.0.0.1:{server.port}/metrics", headers=OPEN_METRICS)
        with urlopen(metrics, timeout=30) as found:
            assert "trace_id" not in found.read().decode(), "several services have no exemplars"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.stderr is not None
        lines = [json.loads(line) for line in server.process.stderr.read().splitlines()]
        assert server.process.wait(60) == 0
    wholes = [split(receiver.kept(one.trace))[0] for one in answers]
    assert {span.resource["service.name"] for span in wholes} == {"shop"}
    assert len({span.resource["service.instance.id"] for span in wholes}) == 2
    logged = {one["request"]: (one["trace_id"], one["span_id"]) for one in lines
              if one["logger"] == "service.telemetry"}  # fmt: skip
    for answer in answers:
        assert logged[answer.headers["x-request-id"]] == (answer.trace, answer.span)
    assert all("trace_id" not in one for one in lines if one["request"] == "-")


def test_a_receiver_that_is_down_hurts_no_request(models: Path) -> None:
    """Spans beyond the queue are dropped, what cannot be sent is, and the end is not put off."""
    small = {"OTEL_BSP_MAX_QUEUE_SIZE": "8", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "8"}
    with socket.socket() as silent:  # takes connections and answers none
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with serving(models, OTEL_EXPORTER_OTLP_ENDPOINT=address, **small, **SOON) as server:
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _: ask(server, body=PLAIN), range(100)))
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
            assert server.process.stderr is not None
            said = server.process.stderr.read()
    assert {one.status for one in answers} == {200}
    assert "spans were not taken within 5 seconds" in said
    assert "Traceback" not in said


def test_a_request_in_many_parts_has_no_more_spans_than_are_of_use(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.address)
    traced = Tracing(["otlp"])
    scope = {"method": "BREW", "path": "/", "scheme": "http", "http_version": "1.1", "headers": []}
    trace = traced.begin(scope, perf_counter())
    tracing.CURRENT.set(None)
    for _ in range(STEPS):
        now = perf_counter()
        trace.computed(Result(np.zeros(2), 0.0, 0.0, now, now, 2))
    trace.end("x", "/", "m", 200, perf_counter())
    asyncio.run(traced.close())
    spans = receiver.of(trace.ids["trace_id"])
    assert len(spans) == STEPS + 1
    whole = next(span for span in spans if span.server)
    assert whole.name == "HTTP /"
    assert whole.attributes["http.request.method"] == "_OTHER"
    assert whole.attributes["http.request.method_original"] == "BREW"
    assert whole.attributes["ganforge.spans_left_out"] == STEPS
    assert whole.attributes["ganforge.images"] == 2 * STEPS


HERE = "http://127.0.0.1:4318"


def set_only(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_SERVICE_NAME": "shop", "OTEL_TRACES_SAMPLER": "always_on"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": HERE, "OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": HERE, "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": HERE},
    ],
    ids=str,
)
def test_traces_are_off(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    set_only(monkeypatch, variables)
    assert tracing.start() is None


def test_without_traces_nothing_is_said_of_them(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert "traceresponse" not in answer.headers


@pytest.mark.parametrize(
    ("variables", "exporters"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": HERE}, ["otlp"]),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{HERE}/v1/traces"}, ["otlp"]),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ["otlp"]),
        ({"OTEL_TRACES_EXPORTER": "otlp, console"}, ["otlp", "console"]),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ["console"]),
    ],
    ids=str,
)
def test_traces_are_on(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], exporters: list[str]
) -> None:
    set_only(monkeypatch, variables)
    assert tracing.wanted() == exporters


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "'zipkin', expected some of otlp, console, none",
        ),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "found 'grpc', expected http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"}, "expected http://HOST:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://"}, "expected http://HOST:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "unix:///otel"}, "expected http://HOST:4318"),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "1"}, "traces cannot be sent: max_export_batch_size must be"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], message: str
) -> None:
    set_only(monkeypatch, {"OTEL_TRACES_EXPORTER": "otlp", **variables})
    with pytest.raises(UserError) as error:
        tracing.start()
    assert message in str(error.value)


def test_without_the_extra_traces_are_an_error_of_one_line(models: Path, tmp_path: Path) -> None:
    """An empty package stands where OpenTelemetry would be."""
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").touch()
    own = {"PYTHONPATH": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": HERE}
    done = subprocess.run(
        [sys.executable, "-m", "ganforge", "serve", "--port", "0"],
        env={**os.environ, "GANFORGE_MODELS": str(models), **own},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "traces are asked for (OTEL_EXPORTER_OTLP_ENDPOINT)" in done.stderr
    assert "pip install 'ganforge[otel]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert "loading" not in done.stderr
