"""What is tried again, how often and when: on a clock that moves only when somebody sleeps."""

import itertools
import math
import socket
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from bench.server import free_port
from service.client import (
    AsyncClient,
    Client,
    ExpiredError,
    LostError,
    NoServerError,
    OverloadedError,
    QuotaError,
    TimedOutError,
    UnauthorizedError,
)
from service.client.patience import Patience, seconds_of
from service.gate import Gate, digest_of
from service.quota import Quota
from service.state import Service
from tests.service.client.clock import Clock
from tests.service.client.puppet import answer, saying
from tests.service.test_server import Server, send, wait_until

PER_MINUTE = 20
BUSY = answer("503 Service Unavailable", b'{"detail": "full"}', "Retry-After: 2")
NOTHING = answer("200 OK", b'{"models": []}')

Alice = Callable[..., list[int]]


@pytest.fixture
def service(app: TestClient, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that knows Alice."""
    found: Service = app.app.state.service  # type: ignore[attr-defined]
    monkeypatch.setattr(found, "gate", Gate({"alice": digest_of("alice")}, None))
    monkeypatch.setattr(found, "quota", found.quota)
    return found


def by_alice(app: TestClient, clock: Clock, key: str | None = "alice", **settings: Any) -> Alice:
    """Ask for so many images, one request after another."""
    portal = app.portal
    assert portal is not None, "the app runs"

    def call(*counts: int) -> list[int]:
        async def run() -> list[int]:
            async with AsyncClient(
                "http://service.example",
                key=key,
                transport=httpx2.ASGITransport(app.app),
                clock=clock,
                sleep=clock.sleep_async,
                **settings,
            ) as client:
                return [len(await client.generate("plain", n=n)) for n in counts]

        return portal.call(run)

    return call


def test_a_quota_is_waited_for_as_long_as_the_service_says(
    app: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANFORGE_API_KEY", "alice")
    clock = Clock()
    service.quota = Quota(PER_MINUTE, clock)
    assert by_alice(app, clock, key=None)(15, 15, 15) == [15, 15, 15]
    first, second = clock.slept
    assert 30 <= first <= 33  # ten images are missing, three seconds each
    assert 45 - (first - 30) - 1 <= second <= 50


def test_what_takes_longer_than_the_call_may_is_not_waited_for(
    app: TestClient, service: Service
) -> None:
    clock = Clock()
    service.quota = Quota(PER_MINUTE, clock)
    with pytest.raises(QuotaError, match=r"'alice' may ask for .* again in 30 seconds") as refused:
        by_alice(app, clock, timeout=29)(15, 15)
    assert clock.slept == []
    assert refused.value.status == 429
    assert refused.value.retry_after == 30


@pytest.mark.parametrize("retries", [0, 3])
def test_nobody_is_asked_for_ever(app: TestClient, service: Service, retries: int) -> None:
    clock = Clock()
    service.quota = Quota(PER_MINUTE, lambda: 1000.0)  # its time stands still
    with pytest.raises(QuotaError):
        by_alice(app, clock, retries=retries, timeout=1e6)(15, 15)
    assert len(clock.slept) == retries


@pytest.mark.parametrize("key", [None, "bob"])
def test_a_wrong_key_is_not_tried_again(app: TestClient, service: Service, key: str | None) -> None:
    clock = Clock()
    with pytest.raises(UnauthorizedError, match="401: no key, or an unknown one"):
        by_alice(app, clock, key=key)(1)
    assert clock.slept == []


def test_a_full_queue_is_waited_for(server: Server, url: str) -> None:
    with send(server, model="slow", n=50_000, format="json") as other:
        wait_until(lambda: server.metric("ganforge_queue_images") > 2000)

        def leave() -> None:
            other.shutdown(socket.SHUT_RDWR)
            wait_until(lambda: server.metric("ganforge_queue_images") == 0)

        clock = Clock(leave)
        with Client(url, clock=clock, sleep=clock.sleep, timeout=1e6) as client:
            assert len(client.generate("slow", n=2)) == 2
    assert len(clock.slept) == 1
    assert clock.slept[0] >= 1


def test_no_server_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setenv("GANFORGE_URL", f"http://127.0.0.1:{free_port()}")
    with (
        Client(clock=clock, sleep=clock.sleep, retries=3) as client,
        pytest.raises(NoServerError, match=r"no ganforge at http://127.*`ganforge serve`"),
    ):
        client.models()
    assert clock.slept == sorted(clock.slept)
    assert [0.1 <= slept / 2**n <= 0.11 for n, slept in enumerate(clock.slept)] == [True] * 3


def void(_: object) -> None:
    """Have no result."""


def test_a_server_that_comes_meanwhile_is_found() -> None:
    port = free_port()
    with ExitStack() as stack:
        clock = Clock(lambda: void(stack.enter_context(saying(NOTHING, port=port))))
        with Client(f"http://127.0.0.1:{port}", clock=clock, sleep=clock.sleep) as client:
            assert client.models() == []
    assert len(clock.slept) == 1


def test_ready_is_asked_once() -> None:
    clock = Clock()
    with (
        Client(f"http://127.0.0.1:{free_port()}", clock=clock, sleep=clock.sleep) as client,
        pytest.raises(NoServerError),
    ):
        client.ready()
    not_yet = b'{"ready": false, "models": [], "refused": {"x.safetensors": "torn"}}'
    with saying(answer("503 Service Unavailable", not_yet)) as puppet, Client(puppet.url) as client:
        said = client.ready()
    assert not said
    assert said.refused == {"x.safetensors": "torn"}
    assert clock.slept == []


def test_what_was_sent_is_not_sent_again() -> None:
    clock = Clock()
    torn = answer("200 OK", b"half", length=100)
    for said in (b"", torn):
        with saying(said, NOTHING) as puppet:
            with (
                Client(puppet.url, clock=clock, sleep=clock.sleep) as client,
                pytest.raises(LostError, match="the connection to http://127"),
            ):
                client.models()
            assert len(puppet.heard) == 1
    assert clock.slept == []


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error", "504 Late"])
def test_what_would_not_help_is_not_tried_again(status: str) -> None:
    clock = Clock()
    refused = answer(status, b'{"detail": "no"}', "Retry-After: 1")
    with saying(refused, NOTHING) as puppet:
        with (
            Client(puppet.url, clock=clock, sleep=clock.sleep) as client,
            pytest.raises(Exception, match=f"{status[:3]}: no"),
        ):
            client.models()
        assert len(puppet.heard) == 1


def test_a_deadline_is_passed_on_and_runs() -> None:
    clock = Clock()
    with (
        saying(BUSY, answer("504 Gateway Timeout", b'{"detail": "late"}')) as puppet,
        Client(puppet.url, clock=clock, sleep=clock.sleep, timeout=1) as client,
        pytest.raises(ExpiredError, match="504: late"),
    ):
        client.generate("m", deadline=5)
    assert b"\r\nX-Deadline-Ms: 5000\r\n" in puppet.heard[0]
    left = int(1000 * (5 - clock.slept[0]))
    assert f"\r\nX-Deadline-Ms: {left}\r\n".encode() in puppet.heard[1]


def test_nothing_is_waited_for_beyond_a_deadline() -> None:
    clock = Clock()
    with (
        saying(BUSY, NOTHING) as puppet,
        Client(puppet.url, clock=clock, sleep=clock.sleep) as client,
        pytest.raises(OverloadedError, match="503: full"),
    ):
        client.generate("m", deadline=1.5)
    assert clock.slept == []
    with Client(puppet.url) as client, pytest.raises(TimedOutError, match="no time is left"):
        client.generate("m", deadline=0)


def test_a_deadline_that_is_over_is_said_by_the_service(url: str) -> None:
    with Client(url) as client, pytest.raises((ExpiredError, OverloadedError)) as late:
        client.file("slow", n=20_000, format="json", deadline=0.05)
    assert "X-Deadline-Ms" in late.value.detail


def test_without_a_deadline_none_is_told() -> None:
    with saying(NOTHING, BUSY) as puppet, Client(puppet.url, retries=0, timeout=math.inf) as client:
        client.models()
        with pytest.raises(OverloadedError):
            client.generate("m", deadline=math.inf)
    assert [b"X-Deadline-Ms" in heard for heard in puppet.heard] == [False, False]


def test_who_does_not_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with Client(url, timeout=0.2) as client, pytest.raises(TimedOutError, match="in time"):
            client.models()


def test_an_answer_that_trickles_has_its_time() -> None:
    """A second goes by each time that the clock is looked at."""
    long = answer("200 OK", b"[" * (1 << 20))
    with (
        saying(long) as puppet,
        Client(puppet.url, timeout=8, clock=itertools.count().__next__) as client,
        pytest.raises(TimedOutError, match="was not whole in time"),
    ):
        client.models()


def test_those_who_were_refused_together_do_not_come_back_together() -> None:
    waits = [
        Patience(retries=1, seconds=60, clock=float, chance=iter([chance]).__next__).wait(0, 10, 60)
        for chance in (0.0, 0.5, 1.0)
    ]
    assert waits == [10, 10.5, 11]


def test_retry_after_is_seconds_or_a_date() -> None:
    assert seconds_of("7") == 7
    assert seconds_of(None) is None
    for wrong in ("", "soon", "-1", "1.5", "٣", "Mon, 99 Foo 2020 00:00:00 GMT"):
        assert seconds_of(wrong) is None
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < (seconds_of(later) or 0) <= 100
    assert seconds_of("Thu, 01 Jan 1970 00:00:00 GMT") == 0
