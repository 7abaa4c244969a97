"""Logs and request ids: who asked can be found again, and no secret is in a line."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from starlette.testclient import TestClient

from service.gate import digest_of, new_key
from tests import zoo
from tests.service.test_server import Server, serving, wait_until

KEY = new_key()


def test_every_answer_names_its_request(client: TestClient) -> None:
    answers = [
        client.post("/generate", json={"model": "plain"}),
        client.post("/generate", json={"model": "none"}),
        client.get("/no/such/path"),
        client.get("/models/plain"),
    ]
    names = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert [answer.status_code for answer in answers] == [200, 404, 404, 200]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("order-7:b.2", True), ("x" * 100, True), ("x" * 101, False), ("a b", False), ("", False)],
)
def test_a_name_that_the_client_gave_is_kept_if_it_is_one(
    client: TestClient, given: str, kept: bool
) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) == kept


@pytest.fixture(scope="module")
def talkative(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logs")
    zoo.write(folder, zoo.card("plain"))
    settings = {"GANFORGE_LOG_LEVEL": "debug", "GANFORGE_LOG_FORMAT": "json"}
    with serving(folder, GANFORGE_API_KEYS=f"me:{digest_of(KEY)}", **settings) as server:
        yield server


def test_lines_are_json_with_the_request_and_without_its_key(talkative: Server) -> None:
    address = f"http://127.0.0.1:{talkative.port}/generate"
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-Id": "find-me"}
    with urlopen(Request(address, b'{"model":"plain"}', headers), timeout=30) as answer:
        assert answer.status == 200
    with pytest.raises(HTTPError, match="422"):
        urlopen(
            Request(f"{address}?key={KEY}", b'{"model":"plain"}', {"X-API-Key": KEY}), timeout=30
        )
    wait_until(lambda: talkative.metric("ganforge_device_memory_bytes" + '{kind="resident"}') > 0)
    wait_until(lambda: talkative.metric("ganforge_event_loop_lag_seconds_count") > 0)
    talkative.process.terminate()
    assert talkative.process.stderr is not None
    text = talkative.process.stderr.read()
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"time", "level", "logger", "message", "request"} <= line.keys() for line in lines)
    [found] = [line for line in lines if line["request"] == "find-me"]
    assert (found["route"], found["model"], found["code"]) == ("/generate", "plain", 200)
    assert 0 < found["seconds"] < 60
    assert KEY not in text
    assert digest_of(KEY) not in text


def test_text_lines_name_the_request(tmp_path: Path) -> None:
    zoo.write(tmp_path, zoo.card("plain"))
    with serving(tmp_path, GANFORGE_LOG_LEVEL="debug") as server:
        server.get("/models")
        server.process.terminate()
        assert server.process.stderr is not None
        text = server.process.stderr.read()
    assert re.search(r"DEBUG service\.telemetry \[[0-9a-f]{12}-[0-9a-f]+\]: GET /models 200", text)
