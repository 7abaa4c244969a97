"""Requests that do not end, or are no HTTP, by the real server."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.test_server import Server, serving

HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
LINE = b"x: " + b"a" * 1000 + b"\r\n"
SECONDS = 0.5


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, GANFORGE_BODY_SECONDS=str(SECONDS)) as server:
        yield server


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def read(connection: socket.socket) -> bytes:
    """Read until the other side hangs up."""
    found = b""
    try:
        while part := connection.recv(1 << 16):
            found += part
    except ConnectionResetError:  # it did not wait for what was still on its way
        pass
    return found


def refused(answer: bytes, status: int) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == status
    return str(json.loads(body)["detail"])


def test_a_head_that_does_not_end_is_refused_in_time(server: Server) -> None:
    with connect(server) as connection:
        began = time.monotonic()
        connection.sendall(HEAD)
        assert "not whole after 0.5 seconds" in refused(read(connection), 408)
        assert time.monotonic() - began < 20


def test_26_a_byte_now_and_then_gains_no_time(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(HEAD)
        connection.settimeout(0.05)
        for _ in range(200):
            try:
                connection.sendall(b"a")
                answer = connection.recv(1 << 16)
            except TimeoutError:
                continue
            refused(answer, 408)
            return
    raise AssertionError("it still waits")


@pytest.mark.parametrize("end", [b"", b"\r\n"], ids=["open", "whole"])
def test_a_head_has_as_much_room_where_it_comes_at_once(server: Server, end: bytes) -> None:
    """A read from a connection may be four times as long."""
    with connect(server) as connection:
        connection.sendall(HEAD + b"Cookie: " + 80_000 * b"a" + b"\r\n" + end)
        refused(read(connection), 431)


def test_a_head_of_nearly_64_kib_is_answered(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(HEAD + b"Cookie: " + 60_000 * b"a" + b"\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_the_second_head_of_a_connection_has_as_much_time(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(HEAD + b"\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        connection.sendall(HEAD)
        refused(read(connection), 408)


def large() -> bytes:
    """Ask for more than is made while the rest of what is sent is read."""
    body = json.dumps({"model": "plain", "n": 1024, "seed": 1, "format": "npy"}).encode()
    head = f"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def behind(answer: bytes) -> bytes:
    """Give what was said behind a first answer, which is whole."""
    first, _, rest = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 "), answer[:200]
    length = next(int(h[16:]) for h in first.split(b"\r\n") if h.startswith(b"content-length: "))
    assert len(rest) >= length
    return rest[length:]


GARBAGE = b"\x16\x03\x01 hello\r\n\r\n"
CHUNKED = b"POST /generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
WRONG = CHUNKED + b"2\r\n{}\r\nzz\r\n"
FOLLOWING = [
    pytest.param(HEAD, 408, id="a head that does not end"),
    pytest.param(HEAD + 70 * LINE, 431, id="too large a head"),
    pytest.param(GARBAGE, 400, id="garbage"),
    pytest.param(WRONG, 400, id="a wrong chunk"),
]


@pytest.mark.parametrize(("second", "status"), FOLLOWING)
def test_what_follows_does_not_cut_the_first_answer_off(
    server: Server, second: bytes, status: int
) -> None:
    with connect(server) as connection:
        connection.sendall(large() + second)
        refused(behind(read(connection)), status)


def test_what_follows_garbage_is_not_read(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(large() + GARBAGE)
        connection.sendall(HEAD + b"\r\n" + GARBAGE)
        refused(behind(read(connection)), 400)


def test_all_that_was_asked_before_a_wrong_chunk_is_answered(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(large() + large() + WRONG)
        refused(behind(behind(read(connection))), 400)


def test_a_wrong_chunk_is_said_so(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(WRONG)
        assert "Expected HTTP/1.1" in refused(read(connection), 400)
    with connect(server) as connection:
        connection.sendall(CHUNKED + b"2\r\n{}\r\n")
        time.sleep(0.1)  # the app reads it meanwhile
        connection.sendall(b"zz\r\n")
        refused(read(connection), 400)


def test_a_request_that_was_answered_before_its_wrong_chunk_is_answered_once(
    server: Server,
) -> None:
    with connect(server) as connection:
        connection.sendall(CHUNKED.replace(b"generate", b"nothing") + b"2\r\n{}\r\n")
        answer = connection.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 404 ")
        connection.sendall(b"zz\r\n")
        assert read(connection) == b""


@pytest.mark.parametrize("value", ["60000", "60000 ", "\t 60000 \t"])
def test_blanks_around_a_headers_value_are_not_of_it(server: Server, value: str) -> None:
    head, _, body = large().partition(b"\r\n\r\n")
    with connect(server) as connection:
        line = f"\r\nConnection: close \r\nX-Deadline-Ms:{value}\r\n\r\n"
        connection.sendall(head + line.encode() + body)
        assert behind(read(connection)) == b""


def test_whoever_asks_for_nothing_is_hung_up_on(server: Server) -> None:
    with connect(server) as connection:
        assert read(connection) == b""


def test_a_head_that_is_too_large_is_refused(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(HEAD + 70 * LINE)
        assert "limited to 65536 bytes" in refused(read(connection), 431)


def test_a_large_head_that_ends_is_answered(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(HEAD + b"x: " + b"a" * 30_000 + b"\r\n\r\n")
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 ")


def test_what_is_no_http_is_said_so(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(GARBAGE)
        assert "Expected HTTP/1.1" in refused(read(connection), 400)
    with connect(server) as connection:
        connection.sendall("GET /images/plain/1.png?class=ü HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert "what is not ASCII in an address as %XX" in refused(read(connection), 400)
