"""Uploads are decoded one at a time, and who sends many keeps nobody else waiting."""

import asyncio
import io
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from starlette.types import Message

from service.decoder import MOST, Decoder
from service.errors import GoneError, OverloadedError
from tests import zoo
from tests.service.test_heads import connect
from tests.service.test_server import Server, serving

pytestmark = pytest.mark.anyio


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds a decoder up, and lets go of it whatever comes of the test."""
    gate = threading.Event()
    yield gate
    gate.set()


async def stays() -> Message:
    """Hear nothing of a client."""
    await asyncio.Event().wait()
    raise AssertionError("it waits for ever")


async def leaves() -> Message:
    """Hear that a client has left."""
    return {"type": "http.disconnect"}


async def test_one_at_a_time_in_their_order(gate: threading.Event) -> None:
    decoder, begun = Decoder(), []

    def decode(number: int) -> int:
        begun.append(number)
        gate.wait(30)
        return number

    asked = [asyncio.create_task(decoder.run(stays, 1, partial(decode, n))) for n in range(3)]
    await asyncio.sleep(0.1)
    assert begun == [0]
    gate.set()
    assert await asyncio.gather(*asked) == [0, 1, 2]
    assert begun == [0, 1, 2]


async def test_none_whose_client_has_left(gate: threading.Event) -> None:
    decoder, begun = Decoder(), []
    first = asyncio.create_task(decoder.run(stays, 1, lambda: gate.wait(30)))
    await asyncio.sleep(0)
    with pytest.raises(GoneError):
        await decoder.run(leaves, 1, lambda: begun.append("it"))
    gate.set()
    assert await first
    assert await decoder.run(stays, 1, lambda: "another") == "another"
    assert begun == []


async def test_beyond_so_many_bytes_they_are_refused(gate: threading.Event) -> None:
    decoder = Decoder()
    large = asyncio.create_task(decoder.run(stays, 2 * MOST, lambda: gate.wait(30)))  # taken alone
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="16777216 bytes of images wait to be decoded, of at"):
        await decoder.run(stays, 1, lambda: True)
    gate.set()
    assert await large
    assert await decoder.run(stays, 1, lambda: True)


async def test_thousands_of_small_ones_may_wait(gate: threading.Event) -> None:
    decoder = Decoder()
    asked = [
        asyncio.create_task(decoder.run(stays, 1000, lambda: gate.wait(30))) for _ in range(2000)
    ]
    await asyncio.sleep(0)
    gate.set()
    assert all(await asyncio.gather(*asked))


async def test_what_cannot_be_decoded_is_told_and_the_next_one_is_decoded() -> None:
    decoder = Decoder()
    for _ in range(3):  # none of them stays in the count
        with pytest.raises(ValueError, match="broken"):
            await decoder.run(stays, MOST, broken)
    assert await decoder.run(stays, MOST, lambda: True)


def broken() -> None:
    raise ValueError("broken")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("uploads")
    zoo.write(folder, zoo.card("plain"))
    with serving(folder) as server:
        yield server


def test_26_who_uploads_much_and_leaves_keeps_nobody_waiting(server: Server) -> None:
    """Images of 16 million pixels each: memory holds one of them, and long JSON is read."""
    content = io.BytesIO()
    Image.new("RGB", (4096, 4096)).save(content, "PNG", compress_level=9)
    body = content.getvalue()
    head = f"POST /discriminate?model=plain HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}"
    before = peak(server)
    for _ in range(30):
        with connect(server) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + body)
    labels = [0] * 8000  # more than is read at once
    with pytest.raises(HTTPError, match="422"):
        server.post(model="plain", **{"class": labels})
    small = io.BytesIO()
    Image.new("L", (12, 12)).save(small, "PNG")
    address = f"http://127.0.0.1:{server.port}/discriminate?model=plain"
    with urlopen(Request(address, small.getvalue()), timeout=60) as answer:
        assert answer.status == 200
    assert peak(server) - before < 250 << 10, "one is 50 MB, and as much again while it is scaled"


def peak(server: Server) -> int:
    """Return the most memory that the service has had, in KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])
