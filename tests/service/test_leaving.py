"""Clients of the real server that leave, in numbers and at every moment."""

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.service.test_server import Server, paused, send, serving, wait_until, worker_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")

IN_FLIGHT = "ganforge_in_flight_requests"
PLAIN = {"model": "plain", "seed": 1}


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, GANFORGE_MAX_BATCH="8") as server:
        yield server


def held(server: Server) -> dict[str, int]:
    """Count what a process can leak."""
    process = Path(f"/proc/{server.process.pid}")
    descriptors = len(list((process / "fd").iterdir()))
    return {"descriptors": descriptors, "tasks": int(server.metric(IN_FLIGHT))}


def left(server: Server) -> float:
    """Count the requests whose clients left, in the queue or while they were computed."""
    stages = ("queued", "computing")
    return sum(server.metric(f'ganforge_cancelled_total{{stage="{stage}"}}') for stage in stages)


def test_12_a_thousand_clients_that_leave_are_counted_and_leave_nothing_behind(
    server: Server,
) -> None:
    """A hundred at a time, while the worker stands still: one batch is computed, others wait."""
    expected = server.post(**PLAIN)
    before, images = held(server), server.metric('ganforge_images_total{model="plain"}')
    for _ in range(10):
        with paused(worker_of(server)):
            with ExitStack() as clients:
                for _ in range(100):
                    clients.enter_context(send(server, **PLAIN))
                wait_until(lambda: server.metric(IN_FLIGHT) == 101)
            wait_until(lambda: server.metric(IN_FLIGHT) == 1)
            assert server.comes_to("ganforge_queue_images", 0), "nobody waits any more"
        assert server.post(**PLAIN) == expected
    assert left(server) == 1000
    wasted = server.metric("ganforge_wasted_images_total")
    assert 10 <= wasted <= 10 * 2 * 8, "two batches each time at most"
    assert server.comes_to('ganforge_images_total{model="plain"}', images + 10)
    wait_until(lambda: all(count <= before[kind] for kind, count in held(server).items()))


def test_13_ray_50046_requests_that_are_cancelled_hold_up_no_other(server: Server) -> None:
    """A stream of which every other client leaves, some before their bodies are whole."""
    expected = server.post(**PLAIN)
    body = json.dumps(PLAIN).encode()
    head = f"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    request = head + body

    def come(number: int) -> bytes:
        if number % 2:
            return server.post(**PLAIN)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request[: len(request) - number % 3 * 10])
        return expected

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(come, range(400))) == {expected}
    wait_until(lambda: server.metric(IN_FLIGHT) == 1)
    assert server.comes_to("ganforge_queue_images", 0)
