"""Bodies that come packed: small ones are read, bombs and lies are refused."""

import gzip
import json
import zlib
from typing import Any

import pytest
from starlette.testclient import TestClient

BODY = json.dumps({"model": "digits", "seed": 3, "class": 1}).encode()


def post(client: TestClient, content: bytes, encoding: str) -> Any:
    return client.post("/generate", content=content, headers={"Content-Encoding": encoding})


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("identity", BODY),
    ],
)
def test_a_packed_body_is_what_is_in_it(client: TestClient, encoding: str, content: bytes) -> None:
    answer = post(client, content, encoding)
    assert answer.status_code == 200
    assert answer.content == client.post("/generate", content=BODY).content


def test_a_bomb_is_refused_before_it_goes_off(client: TestClient) -> None:
    bomb = gzip.compress(b" " * (200 << 20))
    assert len(bomb) < 1 << 20, "it is small enough to be let in"
    answer = post(client, bomb, "gzip")
    assert answer.status_code == 413
    assert "more when it is unpacked" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("encoding", "content", "found"),
    [
        ("br", BODY, "expected gzip or deflate"),
        ("gzip, gzip", BODY, "expected gzip or deflate"),
        ("gzip", BODY, "the body is not"),
        ("gzip", gzip.compress(BODY)[:-4], "does not end"),
        ("gzip", gzip.compress(BODY) + b"more", "does not end"),
    ],
)
def test_what_is_packed_otherwise_is_refused(
    client: TestClient, encoding: str, content: bytes, found: str
) -> None:
    answer = post(client, content, encoding)
    assert answer.status_code == 415
    assert found in answer.json()["detail"]
    assert answer.headers["accept-encoding"] == "gzip, deflate"
