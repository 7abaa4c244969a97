"""Streams: as they come, never held whole, and on from where they broke off."""

import asyncio
import io
import tracemalloc
from typing import Any

import numpy as np
import pytest

from service.client import AsyncClient, ChangedError, Client, LostError
from service.client.stream import Stream
from tests.service.client.puppet import cutting
from tests.service.test_server import Server, wait_until

HEAD = {"content-type": "application/x-npy", "x-model-digest": "a" * 64, "x-seed": "5"}


def npy(count: int, value: int = 0) -> bytes:
    file = io.BytesIO()
    np.save(file, np.full((count, 2, 2, 1), value, np.uint8))
    return file.getvalue()


CODES = [{"continuous": [place % 9 / 9]} for place in range(500)]


@pytest.mark.parametrize(
    ("asked", "limits"),
    [
        ({"model": "plain", "n": 1500, "truncation": 0.5, "seed": 9}, [400_000, 300_000]),
        ({"model": "clothes", "class_": [0, 1, 2, 2] * 500, "seed": 9}, [100_000, 50_000]),
        ({"model": "coded", "codes": CODES, "seed": 9}, [30_000, 20_000]),
    ],
    ids=["truncated", "classes", "codes"],
)
def test_what_has_not_come_is_asked_for(
    server: Server, url: str, asked: dict[str, Any], limits: list[int]
) -> None:
    with cutting(server.port, limits, lambda: None) as cut, Client(cut) as client:
        broken = np.concatenate(list(client.arrays(**asked, size=100)))
    with Client(url) as client:
        assert (client.array(**asked) == broken).all()


def test_the_rest_is_that_of_the_seed_that_was_drawn(server: Server) -> None:
    with cutting(server.port, [400_000], lambda: None) as cut, Client(cut) as client:
        broken = np.concatenate(list(client.arrays("plain", n=1000, size=100)))
    assert len(np.unique(broken.reshape(1000, -1), axis=0)) == 1000


def test_who_breaks_off_again_and_again_is_left(server: Server) -> None:
    connections: list[None] = []
    limits = [1000] * 10
    with (
        cutting(server.port, limits, lambda: connections.append(None)) as cut,
        Client(cut, retries=2) as client,
        pytest.raises(LostError),
    ):
        client.array("plain", n=100)
    assert len(connections) == 3


def test_a_stream_is_not_held(url: str) -> None:
    with Client(url) as client:
        client.array("plain", n=10)  # what is imported for it
        tracemalloc.start()
        count = sum(len(part) for part in client.arrays("plain", n=8_000, size=200))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 8_000
    assert peak < 8_000 * 16 * 16 * 3 / 5


def test_who_leaves_a_stream_frees_the_service(server: Server, url: str) -> None:
    def idle() -> bool:
        return server.metric("ganforge_in_flight_requests") == 1  # this one

    with Client(url) as client:
        for part in client.arrays("slow", n=100_000, size=10):
            assert len(part) == 10
            break
        wait_until(idle)
        assert client.ready()

    async def leave() -> None:
        async with AsyncClient(url) as client:
            async for part in client.arrays("slow", n=100_000, size=10):
                assert len(part) == 10
                break

    asyncio.run(leave())
    wait_until(idle)


def test_bytes_may_come_one_by_one() -> None:
    stream = Stream({"model": "m", "n": 5}, 2)
    stream.begin(HEAD)
    given = [part for byte in npy(5, 7) for part in stream.feed(bytes([byte]))]
    assert [len(part) for part in given] == [2, 2, 1]
    assert all((part == 7).all() for part in given)
    assert stream.whole


def test_the_rest_is_that_of_the_first_seed() -> None:
    body = {"model": "m", "class": ["a", "b", "c"], "latents": [[1], [2], [3]], "codes": {"x": 1}}
    stream = Stream(body, 2)
    assert stream.rest() == body
    stream.begin(HEAD)
    assert len(list(stream.feed(npy(3)[:-1]))) == 1
    left = {"class": ["c"], "latents": [[3]], "codes": {"x": 1}}
    assert stream.rest() == {"model": "m", **left, "seed": 7, "n": 1}
    stream.begin(HEAD)  # a new answer: the half of an image that came is forgotten
    assert [part.tolist() for part in stream.feed(npy(1, 9))] == [[[[[9], [9]], [[9], [9]]]]]


def test_other_weights_do_not_go_on() -> None:
    other = {**HEAD, "x-model-digest": "b" * 64}
    stream = Stream({"model": "m", "n": 3}, 1)
    stream.begin(HEAD)
    stream.begin(other)  # nothing was given out: they may
    assert len(list(stream.feed(npy(3)[:-1]))) == 2
    with pytest.raises(ChangedError, match=r"of m were replaced after 2 of 3 images \(b+… by a+…"):
        stream.begin(HEAD)


@pytest.mark.parametrize("size", [0, -1])
def test_a_size_that_is_none(url: str, size: int) -> None:
    with Client(url) as client, pytest.raises(ValueError, match="size: found"):
        next(client.arrays("plain", n=3, size=size))
