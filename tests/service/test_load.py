"""The whole app under load, in the test's own event loop: turns and batches are counted."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message

from service.app import create_app
from service.door import AT_ONCE
from service.engine.orders import Model
from service.settings import Settings
from service.state import Service
from tests.service.engine.test_load import turns
from tests.service.test_server import paused

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts on signals")
BATCH = 16


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@asynccontextmanager
async def running(folder: Path, **settings: Any) -> AsyncIterator[Starlette]:
    given = {"device": "cpu", "max_batch": BATCH, "poll_seconds": 0, **settings}
    app = create_app(Settings(models=(folder,), **given))
    async with app.router.lifespan_context(app):
        yield app


async def call(
    app: Starlette, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    """Ask the app itself, as its server would; a body is sent as JSON."""
    content = b"" if body is None else json.dumps(body).encode()
    coming: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    said: list[Message] = []

    async def receive() -> Message:
        if not coming:
            await asyncio.Event().wait()  # the client stays
        return coming.pop()

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "query_string": b"",
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
    }
    await app(scope, receive, send)
    found = {k.decode(): v.decode() for k, v in said[0]["headers"]}
    return Answer(said[0]["status"], found, b"".join(m.get("body", b"") for m in said[1:]))


def service_of(app: Starlette) -> Service:
    service: Service = app.state.service
    return service


def worker_of(app: Starlette) -> int:
    return service_of(app).engine._supervisor._link._process.pid


def model_of(app: Starlette, name: str) -> Model:
    return service_of(app).catalog.find(name).model


async def until_waiting(app: Starlette) -> None:
    while not service_of(app).engine.batcher.waiting:
        await turns(1)


async def metric(app: Starlette, name: str) -> float:
    text = (await call(app, "/metrics")).body.decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_05_a_lone_request_queues_for_less_than_a_millisecond(client: TestClient) -> None:
    """The quickest of a hundred does, however much else the machine has to do."""
    queued = []
    for seed in range(100):
        answer = client.post("/generate", json={"model": "plain", "seed": seed})
        queued += re.findall(r"queue;dur=([\d.]+)", answer.headers["server-timing"])
    assert len(queued) == 100
    assert min(map(float, queued)) <= 1


@pytest.mark.anyio
async def test_06_at_saturation_the_worker_is_given_full_batches(folder: Path) -> None:
    async with running(folder) as app:

        async def client(seed: int) -> None:
            for _ in range(10):
                answer = await call(app, "/generate", {"model": "plain", "seed": seed})
                assert answer.status == 200

        await asyncio.gather(*(client(seed) for seed in range(4 * BATCH)))
        images = await metric(app, 'ganforge_batch_images_sum{model="plain"}')
        batches = await metric(app, 'ganforge_batch_images_count{model="plain"}')
        assert images == 10 * 4 * BATCH
        assert images / batches >= 0.8 * BATCH


@LINUX
@pytest.mark.anyio
async def test_10_what_is_not_done_in_time_is_504(folder: Path) -> None:
    """The worker stands still, so that it takes longer than it should."""
    async with running(folder) as app:
        with paused(worker_of(app)):
            late = await call(app, "/generate", {"model": "plain"}, {"X-Deadline-Ms": "300"})
    assert late.status == 504
    assert json.loads(late.body)["detail"] == "not done within X-Deadline-Ms, 300"


@LINUX
@pytest.mark.anyio
async def test_10_who_waits_for_room_in_the_queue_does_not_do_so_for_longer(folder: Path) -> None:
    """So many come after it that it is not its turn to be refused."""
    async with running(folder, queue_images=1) as app:

        def ask(headers: dict[str, str]) -> "asyncio.Task[Answer]":
            return asyncio.create_task(call(app, "/generate", {"model": "plain"}, headers))

        with paused(worker_of(app)):
            first = [ask({}) for _ in range(2 * BATCH)]
            await until_waiting(app)
            late = ask({"X-Deadline-Ms": "100"})
            others = [ask({}) for _ in range(8 * AT_ONCE)]
            assert (await late).status == 504
            assert json.loads((await late).body)["detail"] == "not done within X-Deadline-Ms, 100"
        found = {(await one).status for one in (*first, *others)}
        assert found == {200, 503}


@LINUX
@pytest.mark.anyio
async def test_11_a_deadline_that_cannot_be_met_is_refused_while_nothing_moves(
    folder: Path,
) -> None:
    """The worker stands still: only what is known already can have made the answer."""
    large = {"model": "plain", "n": 2000, "format": "raw"}
    async with running(folder, max_images=2000) as app:
        await call(app, "/generate", {"model": "plain"})  # now it knows how long an image takes
        with paused(worker_of(app)):
            waiting = asyncio.create_task(call(app, "/generate", large))
            await until_waiting(app)
            before = service_of(app).engine.batcher.waiting
            refused = await call(app, "/generate", {"model": "plain"}, {"X-Deadline-Ms": "1"})
            assert refused.status == 503
            assert b"it would take about" in refused.body
            assert int(refused.headers["retry-after"]) >= 1
            assert service_of(app).engine.batcher.waiting <= before, "it is not in the queue"
        assert (await waiting).status == 200
        assert await metric(app, 'ganforge_rejected_total{reason="deadline"}') == 1


@LINUX
@pytest.mark.anyio
async def test_14_the_time_to_come_back_is_known_before_anything_was_made(folder: Path) -> None:
    """By what the model's batches took when it was loaded."""
    large = {"model": "plain", "n": 2000, "format": "raw"}
    async with running(folder, max_images=2000) as app:
        with paused(worker_of(app)):
            waiting = asyncio.create_task(call(app, "/generate", large))
            await until_waiting(app)
            batcher, cost = service_of(app).engine.batcher, model_of(app, "plain").cost
            assert 0 < cost.one <= cost.full
            assert batcher.refusal().retry_after >= 0.99 * cost.seconds(batcher.waiting)
        assert (await waiting).status == 200


@LINUX
@pytest.mark.anyio
async def test_14_health_and_metrics_do_not_wait_for_those_who_are_refused(folder: Path) -> None:
    """Twenty times what the queue holds is asked for at once, and nothing of it is made."""
    limit = 100
    async with running(folder, queue_images=limit) as app:
        answered: list[int] = []

        async def client() -> None:
            answer = await call(app, "/generate", {"model": "plain"})
            answered.append(answer.status)
            assert answer.status == 200 or int(answer.headers["retry-after"]) >= 1

        with paused(worker_of(app)):
            flood = [asyncio.create_task(client()) for _ in range(20 * limit)]
            await turns(1)  # all of them are here before the others come
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await call(app, path)).status == 200
            assert len(answered) <= 2 * AT_ONCE, "they were answered before most others"
            while len(answered) < 18 * limit:
                await turns(1)
            assert set(answered) == {503}
        await asyncio.gather(*flood)
        assert set(answered) == {200, 503}
