"""create_app: build the parts, and wire them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from service import gauges, openapi, tracing
from service.decoder import Decoder
from service.dispatch import Dispatch
from service.door import Door
from service.endpoints import ENDPOINTS
from service.engine.engine import Engine
from service.engine.orders import Setup
from service.errors import HANDLERS
from service.fellows import Fellows
from service.gate import ADMIN, NOBODY, Gate
from service.keeper import Keeper
from service.leaving import Leaving
from service.metrics import Metrics
from service.quota import Quota, SharedTimes
from service.routes import docs, playground
from service.settings import Settings
from service.state import Service
from service.telemetry import Telemetry
from service.v2.endpoints import NOT_OFFERED

SHOWN = (
    "X-Seed",
    "X-Class",
    "X-Model-Digest",
    "Server-Timing",
    "Retry-After",
    "ETag",
    "X-Request-Id",
    "traceresponse",
)
"""What a page may read of an answer's headers."""

HERE: Mapping[str, str] = MappingProxyType({"0.0.0.0": "127.0.0.1", "::": "::1"})
"""What is this machine where every address is listened on."""

log = logging.getLogger(__name__)


def create_app(settings: Settings, shared: Path | None = None) -> Starlette:
    """Make the app of the models in its folders; `shared` is what a fleet has in common."""
    service = build(settings, shared)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        Leaving(settings.grace_seconds, service.leave).prepare()
        service.engine.start()
        following = [asyncio.create_task(one) for one in follow(service)]
        tell_ready(service)
        yield
        service.leave()
        for task in following:
            task.cancel()
        await service.engine.close()
        if service.tracing is not None:
            await service.tracing.close()

    app = Starlette(
        routes=[
            *(endpoint.route for endpoint in (*ENDPOINTS, *NOT_OFFERED)),
            *docs.routes(openapi.document(ENDPOINTS)),
            *playground.routes(),
        ],
        middleware=[
            Middleware(Telemetry, service=service),
            *cors(settings),
            Middleware(Dispatch, endpoints=ENDPOINTS),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.service = service
    return app


def tell_ready(service: Service) -> None:
    """Log where it is answered from now on, as an address that a browser on this machine opens."""
    host = HERE.get(service.settings.host, service.settings.host)
    log.info(
        "%s: http://%s:%d, %d models",
        "ready" if service.ready else "not ready",
        f"[{host}]" if ":" in host else host,
        service.settings.port,
        len(service.catalog.entries),
    )


def follow(service: Service) -> Iterator[Coroutine[Any, Any, None]]:
    """List what goes on beside the requests."""
    yield gauges.watch_lag(service.metrics)
    yield gauges.watch_ready(service)
    yield gauges.watch_memory(service.engine, service.metrics)
    if service.settings.poll_seconds:
        yield service.keeper.watch(service.settings.poll_seconds)
    if service.fellows is not None:
        yield service.fellows.follow(service.keeper)


def cors(settings: Settings) -> list[Middleware]:
    """Let the pages of some origins ask; without any, no page of another origin sees an answer."""
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("*",),
            expose_headers=SHOWN,
        )
    ]


def build(settings: Settings, shared: Path | None) -> Service:
    """Load every model onto the device."""
    traced = tracing.start()  # before the models are read, which takes seconds
    metrics = Metrics()
    setup = Setup(
        device=settings.device,
        precision=settings.precision,
        threads=settings.threads,
        capacity=settings.max_batch,
        log_level=settings.log_level,
        log_format=settings.log_format,
    )
    engine = Engine(
        setup, metrics, queue_images=settings.queue_images, batch_seconds=settings.batch_seconds
    )
    keeper = Keeper(settings.models, engine, metrics)
    keeper.begin()
    served = ", ".join(keeper.catalog.entries) or "no model"
    log.info("serving %s on %s", served, engine.device)
    return Service(
        settings=settings,
        keeper=keeper,
        engine=engine,
        metrics=metrics,
        gate=Gate(settings.api_keys, settings.admin_key),
        quota=quota(settings, shared),
        door=Door(engine.batcher),
        decoder=Decoder(),
        fellows=None if shared is None else Fellows(shared),
        tracing=traced,
    )


def quota(settings: Settings, shared: Path | None) -> Quota:
    """Count each key's images, in all of a fleet together."""
    owners = {NOBODY, ADMIN, *settings.api_keys}
    times = None if shared is None else SharedTimes(shared / "quotas", owners)
    return Quota(settings.key_images_per_minute, times=times)
