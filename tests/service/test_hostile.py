"""What no client should send, byte by byte to the real server: refused as it deserves."""

import gzip
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import hostile
from tests.service.test_server import Server, serving

CLOSED = 0
HEAD = "POST /generate HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    keys = {"GANFORGE_ADMIN_KEY": "0" * 64, "GANFORGE_BODY_SECONDS": "1"}
    with serving(folder, **keys) as server:
        yield server


def status_of(server: Server, *parts: bytes) -> int:
    """Send bytes, part by part, and return what is answered, or CLOSED."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for part in parts:
                connection.sendall(part)
            answer = connection.recv(1 << 16)
        except (BrokenPipeError, ConnectionResetError):
            return CLOSED
    found = re.match(rb"HTTP/1.1 (\d+) ", answer)
    assert found or not answer, answer[:100]
    return int(found[1]) if found else CLOSED


def sent(body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{line}\r\n" for line in (*headers, f"Content-Length: {len(body)}"))
    return f"{HEAD}{lines}\r\n".encode() + body


def asking(**fields: Any) -> bytes:
    return sent(json.dumps(fields).encode())


def written(text: str) -> bytes:
    """Send a body that is not what `json` would write."""
    return sent(text.encode())


def length(claimed: str) -> bytes:
    return f"{HEAD}Content-Length: {claimed}\r\n\r\n{{}}".encode()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


NESTED = '{"model": ' + '{"a":' * 5_000 + "1" + "}" * 5_000 + "}"
BOMB = gzip.compress(bytes(1 << 28))  # 256 MiB in 255 KiB
NAMES = (
    "",
    "\0",
    "ünï",
    "\N{FIRE}",
    "\u202eevil",
    "../digits",
    "/etc/passwd",
    "digits\n",
    "a" * 99,
)
REFUSED = [
    *((f"name {name[:12]!r}", 404, asking(model=name)) for name in NAMES),
    ("a lone surrogate", 400, written('{"model": "\\ud800"}')),
    ("address up", 404, get("/images/..%2F..%2Fdigits/1.png")),
    ("address with a null", 404, get("/images/digits%00/1.png")),
    ("address of no UTF-8", 404, get("/images/%ff%fe/1.png")),
    ("address without a name", 404, get("/images//1.png")),
    ("static files up", 404, get("/docs/static/..%2F..%2F..%2Fetc%2Fpasswd")),
    ("gzip bomb", 413, sent(BOMB, "Content-Encoding: gzip")),
    ("gzip bomb that hides", 400, sent(BOMB)),
    ("nested objects", 400, written(NESTED)),
    ("10 MB", 413, sent(bytes(10 << 20))),
    ("seed 2^64", 422, asking(model="digits", seed=2**64)),
    ("seed of 4,000 digits", 422, written('{"model": "digits", "seed": ' + "9" * 4000 + "}")),
    ("seed -0.0", 422, written('{"model": "digits", "seed": -0.0}')),
    ("class -1", 422, asking(model="digits", **{"class": -1})),
    ("class NaN", 422, written('{"model": "digits", "class": NaN}')),
    ("class true", 422, asking(model="digits", **{"class": True})),
    ("class text", 422, asking(model="digits", **{"class": "٧"})),
    ("n 0", 422, asking(model="digits", n=0)),
    ("n 1e9", 422, written('{"model": "digits", "n": 1e9}')),
    ("n 10^9", 422, asking(model="digits", n=10**9)),
    ("latents NaN", 422, written('{"model": "plain", "latents": [[' + "NaN," * 7 + "NaN]]}")),
    ("latents infinite", 422, written('{"model": "plain", "latents": [[' + "1e999," * 7 + "0]]}")),
    ("a length too long", 408, length("400")),
    ("a length below zero", 400, length("-1")),
    ("a length that is none", 400, length("many")),
    ("two lengths", 400, f"{HEAD}Content-Length: 2\r\nContent-Length: 9\r\n\r\n{{}}".encode()),
    ("a length and chunks", 400,
     f"{HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode()),
    ("a chunk of no size", 400, f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode()),
]  # fmt: skip


@pytest.mark.parametrize(("deserved", "request_"), [pytest.param(*r[1:], id=r[0]) for r in REFUSED])
def test_26_what_is_hostile_is_refused(server: Server, deserved: int, request_: bytes) -> None:
    assert status_of(server, request_) == deserved


@pytest.mark.parametrize("one", hostile.requests("digits"), ids=lambda one: one.name)
def test_26_what_the_soak_sends_is_refused(server: Server, one: hostile.Hostile) -> None:
    """The list of `bench.soak`; of what is too large a service need not read the rest."""
    deserved = one.deserved | ({CLOSED} if len(one.request) > 1 << 16 else set())
    assert status_of(server, one.request) in deserved


def test_26_chunks_of_one_byte_are_a_body(server: Server) -> None:
    body = json.dumps({"model": "plain", "seed": 1}).encode()
    chunks = [b"1\r\n%c\r\n" % byte for byte in body]
    head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
    assert status_of(server, head, *chunks, b"0\r\n\r\n") == 200


def test_26_after_all_that_it_serves_and_nothing_was_a_fault_of_its_own(folder: Path) -> None:
    with serving(folder, GANFORGE_BODY_SECONDS="1") as server:
        expected = server.post(model="plain", seed=1)
        memory = peak(server)
        for name, _, request in REFUSED:
            if "length" not in name:
                status_of(server, request)
        assert server.post(model="plain", seed=1) == expected
        assert peak(server) - memory < 1 << 27, "nothing was unpacked"
        server.process.terminate()
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


def peak(server: Server) -> int:
    """Read how many bytes of memory the service itself has had at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])
