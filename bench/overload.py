"""Overload: twenty times more is asked for than can be made. Does the service keep its head?

    python -m bench.overload --seconds 10
    python -m bench.overload --seconds 10 --images 64 --queue 256

Capacity is what 64 connections get that ask again as soon as they are answered. Then requests are
due at 20 times that rate, whatever becomes of those before; they are sent from a process of their
own, while this one looks at `/healthz` and `/metrics`, each time on a new connection.

Few are refused a second, so that every connection then always waits for an answer: no one machine
offers 20 times the capacity, and the table says what rate it came to.
"""

import asyncio
import math
import multiprocessing
import resource
import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
import uvloop

from bench import process
from bench.client import Client, answer, get
from bench.contestants import ours
from bench.load import OK, Asked, Load, ask, good, goodput
from bench.machine import machine
from bench.quantile import quantile
from bench.server import Running, Server, started
from bench.serving import CHECKPOINT
from bench.table import layout, number, times

CONNECTIONS = 64
TIMES = 20
PROBED = ("/healthz", "/metrics")
# Seconds between two looks at the same path, and before what is measured.
PAUSE = 0.05
WARM_UP = 1
# How far from the true wait a Retry-After may be before it is rounded up to seconds.
TOLERANCE = 0.2
SHOWN = 5
# A connection has two ends, and each process some files besides.
SPARE_FILES = 100

Option = typer.Option


@dataclass(frozen=True, kw_only=True)
class Phase:
    """What was measured under one load: probes in seconds by path, memory in MiB after it."""

    load: Load
    asked: Sequence[Asked]
    probes: dict[str, list[float]]
    faults: Counter[str]
    service: float
    worker: float

    @property
    def goodput(self) -> float:
        """Answers with images in a second, until the last one has come."""
        return goodput(self.asked)

    @property
    def good(self) -> list[Asked]:
        """The answers with images."""
        return good(self.asked)

    @property
    def refused(self) -> list[Asked]:
        """The answers that say when to come back."""
        return [one for one in self.asked if one.retry_after is not None]


def main(
    seconds: Annotated[float, Option(min=0.5, help="Length of each measurement.")] = 10,
    images: Annotated[int, Option(min=1, help="Images in each request.")] = 1,
    connections: Annotated[int, Option(min=64, help="Connections that ask too much.")] = 2000,
    queue: Annotated[int, Option(min=64, help="Requests that may wait.")] = 256,
    checkpoint: Annotated[Path, Option(exists=True, help="What is asked for.")] = CHECKPOINT,
) -> None:
    """Measure capacity, offer 20 times that, and look at what still answers."""
    allow_files(2 * connections + SPARE_FILES)
    typer.echo(machine())
    load = Load(model=checkpoint.stem, images=images, rate=math.inf, seconds=seconds,
                connections=CONNECTIONS)  # fmt: skip
    server = ours(checkpoint.resolve())
    phases = uvloop.run(measure(limited(server, queue * images), load, connections))
    typer.echo(table(phases))
    if faults := sum((phase.faults for phase in phases.values()), Counter()):
        for fault, often in faults.most_common(SHOWN):
            typer.echo(f"wrong, {often} times: {fault}", err=True)
        raise typer.Exit(1)


def allow_files(wanted: int) -> None:
    """Raise the number of open files, which children inherit, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def limited(server: Server, images: int) -> Server:
    """Let so many images wait."""
    return replace(server, environment={**server.environment, "GANFORGE_QUEUE_IMAGES": str(images)})


async def measure(server: Server, load: Load, connections: int) -> dict[str, Phase]:
    """Start the service and measure it idle, at its capacity, and far beyond."""
    spawn = multiprocessing.get_context("spawn")  # a fork would share the event loop
    with started(server, load.model) as running, ProcessPoolExecutor(1, spawn) as apart:
        await under(replace(load, seconds=WARM_UP), running, apart)
        idle = await under(replace(load, connections=0), running, apart)
        full = await under(load, running, apart)
        beyond = replace(load, rate=max(1, TIMES * full.goodput), connections=connections)
        return {
            "idle": idle,
            "capacity": full,
            f"{TIMES}x": await under(beyond, running, apart),
        }


async def under(load: Load, running: Running, apart: Executor) -> Phase:
    """Measure under one load."""
    loop = asyncio.get_running_loop()
    asking = loop.run_in_executor(apart, ask, running.port, load)
    probes, wrong = await look(running.port, load.seconds)
    asked, faults = await asking
    return Phase(
        load=load,
        asked=asked,
        probes=probes,
        faults=faults + wrong,
        service=process.resident(running.pid) or math.nan,
        worker=process.resident(process.worker(running.pid)) or math.nan,
    )


async def look(port: int, seconds: float) -> tuple[dict[str, list[float]], Counter[str]]:
    """Look at both paths again and again, as those do who watch over a service."""
    probes: dict[str, list[float]] = {path: [] for path in PROBED}
    faults: Counter[str] = Counter()
    end = monotonic() + seconds
    while monotonic() < end:
        for path, taken in probes.items():
            with closing(Client(port)) as client:
                began = monotonic()
                found = await answer(client, get(path))
                taken.append(monotonic() - began)
            if found.status != OK:
                faults[f"{path}: {found.status} {found.body[:200]!r}"] += 1
        await asyncio.sleep(PAUSE)
    return probes, faults


def honest(asked: Sequence[Asked]) -> float:
    """Say which share of the refusals named the time that the queue then took, within 20 %.

    That time is what the next request waited that was taken in; a Retry-After is in whole seconds,
    at least 1.
    """
    taken = sorted((one.sent, one.queued) for one in asked if one.queued is not None)
    refused = [one for one in asked if one.retry_after is not None]
    if not taken or not refused:
        return math.nan
    right = [right_of(one, taken) for one in refused]
    return sum(right) / len(right)


def right_of(one: Asked, taken: Sequence[tuple[float, float]]) -> bool:
    """Hold a refusal to the wait of the next that was taken in; of the last where none is."""
    place = min(bisect_left(taken, (one.sent, 0.0)), len(taken) - 1)
    least, most = (
        max(1, math.ceil((1 + far) * taken[place][1])) for far in (-TOLERANCE, TOLERANCE)
    )
    assert one.retry_after is not None
    return least <= one.retry_after <= most


def table(phases: Mapping[str, Phase]) -> str:
    """Lay the loads side by side."""
    capacity = phases["capacity"].goodput
    rows = [("", *phases), *(row(name, say, phases) for name, say in SAID.items())]
    shares = [times(phase.goodput, capacity) for phase in phases.values()]
    return layout([*rows, ("answered 200, of capacity", *shares)])


def row(name: str, say: Callable[[Phase], float], phases: Mapping[str, Phase]) -> tuple[str, ...]:
    """Say one thing of each load."""
    return (name, *(number(say(phase)) for phase in phases.values()))


def middle(values: Iterable[float | None]) -> float:
    """Take the median of those that there are."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else math.nan


SAID: Mapping[str, Callable[[Phase], float]] = {
    "connections": lambda phase: phase.load.connections,
    "due, requests/s": lambda phase: phase.load.rate,
    "sent, requests/s": lambda phase: len(phase.asked) / phase.load.seconds,
    "answered 200, requests/s": lambda phase: phase.goodput,
    "of these p50, ms": lambda phase: 1000 * middle(one.seconds for one in phase.good),
    "of these p99, ms": lambda phase: 1000 * quantile((one.seconds for one in phase.good), 0.99),
    "refused 503": lambda phase: len(phase.refused),
    "Retry-After, median, s": lambda phase: middle(one.retry_after for one in phase.refused),
    "true wait, median, s": lambda phase: middle(one.queued for one in phase.good),
    "Retry-After right, %": lambda phase: 100 * honest(phase.asked),
    "anything else": lambda phase: phase.faults.total(),
    "GET /healthz median, ms": lambda phase: 1000 * middle(phase.probes["/healthz"]),
    "GET /healthz p99, ms": lambda phase: 1000 * quantile(phase.probes["/healthz"], 0.99),
    "GET /metrics median, ms": lambda phase: 1000 * middle(phase.probes["/metrics"]),
    "GET /metrics p99, ms": lambda phase: 1000 * quantile(phase.probes["/metrics"], 0.99),
    "service after it, MiB": lambda phase: phase.service,
    "worker after it, MiB": lambda phase: phase.worker,
}


if __name__ == "__main__":
    typer.run(main)
