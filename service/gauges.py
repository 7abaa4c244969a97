"""Gauges: what is looked at now and then, for the metrics, because no request tells of it."""

import asyncio
from time import perf_counter

from service.engine.engine import Engine
from service.metrics import Metrics
from service.state import Service

LAG_SECONDS = 0.25
READY_SECONDS = 0.5
MEMORY_SECONDS = 10


async def watch_lag(metrics: Metrics) -> None:
    """Note how late the event loop is when it is to come round, for ever."""
    while True:
        due = perf_counter() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        metrics.lag.observe(max(0.0, perf_counter() - due))


async def watch_ready(service: Service) -> None:
    """Note whether `GET /readyz` says yes, for ever."""
    while True:
        service.metrics.ready.set(service.ready)
        await asyncio.sleep(READY_SECONDS)


async def watch_memory(engine: Engine, metrics: Metrics) -> None:
    """Note how much memory the worker has, for ever."""
    while True:
        for kind, found in (await engine.memory()).items():
            metrics.device_memory.labels(kind).set(found)
        await asyncio.sleep(MEMORY_SECONDS)
