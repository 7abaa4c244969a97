"""Whatever takes long to write is written in a thread: the event loop answers others meanwhile."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from service import formats, streams
from service.formats import GENERATE, INTERPOLATE, RECONSTRUCT, Format
from service.picture import Picture

Watched = Callable[[Picture], bytes]

TABLES: Mapping[str, Mapping[str, Format]] = {
    "generate": GENERATE,
    "interpolate": INTERPOLATE,
    "reconstruct": RECONSTRUCT,
}
EVERY = [pytest.param(f, id=f"{at}-{name}") for at, t in TABLES.items() for name, f in t.items()]


def picture(count: int, side: int) -> Picture:
    images = np.random.default_rng(0).integers(0, 256, (count, side, side, 1), np.uint8)
    return Picture("noise", "0" * 64, images, list(range(count)), None)


def watched(encode: Watched, threads: list[int]) -> Watched:
    """Note in which thread something is written."""

    def write(picture: Picture) -> bytes:
        threads.append(threading.get_ident())
        return encode(picture)

    return write


@pytest.mark.anyio
@pytest.mark.parametrize("form", EVERY)
async def test_31_a_megapixel_is_not_written_on_the_event_loop(form: Format) -> None:
    threads: list[int] = []
    content = await formats.encode(
        replace(form, encode=watched(form.encode, threads)), picture(1, 1024)
    )
    assert len(content) > 1000
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


@pytest.mark.anyio
async def test_31_the_event_loop_goes_round_while_a_large_picture_is_written() -> None:
    """It is written when the loop has been elsewhere, or never."""
    elsewhere = threading.Event()

    def write(picture: Picture) -> bytes:
        assert elsewhere.wait(60), "the event loop stood still"
        return b"written"

    encoding = asyncio.ensure_future(formats.encode(Format("x/y", write), picture(64, 128)))
    for _ in range(10):
        await asyncio.sleep(0)
    elsewhere.set()
    assert await encoding == b"written"


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        ({"n": 64, "format": "png"}, formats, "png"),
        ({"n": 64, "format": "json"}, formats, "png"),
        ({"n": 64, "format": "webp"}, formats, "written"),
        ({"n": 8000, "format": "zip"}, streams, "png"),
    ],
    ids=lambda part: part["format"] if isinstance(part, dict) else "",
)
def test_31_no_large_answer_is_written_on_the_event_loop(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, body: Any, where: Any, what: str
) -> None:
    """Of the whole app: grids and lists of images, and answers that are sent part by part."""
    threads: set[int] = set()
    write = getattr(where, what)

    def watched_write(*arguments: Any, **named: Any) -> Any:
        threads.add(threading.get_ident())
        return write(*arguments, **named)

    monkeypatch.setattr(where, what, watched_write)
    answer = client.post("/generate", json={"model": "plain", "seed": 1, **body})
    assert answer.status_code == 200
    assert client.portal is not None
    assert threads
    assert client.portal.call(threading.get_ident) not in threads
