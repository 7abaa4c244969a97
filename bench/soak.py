"""Soak: does the service stay as it is, for long, in trouble?

    python -m bench.soak --minutes 30

Images of all models are asked for at 80 % of the capacity, at a fixed rate. Meanwhile the admin has
the folders looked at, whole and torn checkpoints come and go, clients hang up, others ask for what
has to be refused, and the worker is killed now and then. Every answer is held to what its request
deserved, images to the bytes that they had the first time.
"""

import asyncio
import math
import os
import random
import re
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Annotated, NamedTuple

import typer
import uvloop

from bench import process
from bench.client import Answer, Client, Times, answer, get, offer, post
from bench.contestants import ours
from bench.machine import machine
from bench.server import Server, started
from bench.serving import CHECKPOINT
from bench.table import layout
from bench.trouble import GUEST, Paces, Scene, trouble, versions
from bench.verdicts import Verdicts
from models.card import SUFFIX
from service.gate import digest_of, new_key

SHARE = 0.8
FULL, MANY = 64, 512
"""Connections: for capacity, and at a fixed rate; fewer than the queue holds."""
SEEDS = 50
HOUR = 3600
SHOWN = 10
OK, GONE = 200, 404
# Seconds for what was asked last to come to its end.
CALM = 2
# Of which the one in flight is the look itself.
AT_REST = {"in_flight_requests": 1, "queue_images": 0}
TRACEBACK = "Traceback (most recent call last)"

Option = typer.Option
Series = Mapping[str, float]
"""One look at the service, by name."""


class Order(NamedTuple):
    """A request for one image."""

    what: str
    request: bytes
    deserved: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long each part takes, in seconds."""

    capacity: float = 5
    seconds: float
    sample: float = 5


@dataclass(frozen=True, kw_only=True)
class Record:
    """What was seen: looks at the service, each with its time."""

    capacity: float
    looks: Sequence[tuple[float, Series]]
    verdicts: Verdicts


def main(
    minutes: Annotated[float, Option(min=0.05, help="How long.")] = 30,
    checkpoint: Annotated[Path, Option(exists=True, help="One of the folder served.")] = CHECKPOINT,
) -> None:
    """Trouble the service for so long, and say what became of it."""
    typer.echo(machine())
    record = soak(checkpoint.resolve(), Plan(seconds=60 * minutes))
    typer.echo(f"80 % of {record.capacity:.0f} requests/s\n\n{trend(record.looks)}\n")
    typer.echo(counts(record.verdicts))
    if record.verdicts.faults:
        for fault, times in record.verdicts.faults.most_common(SHOWN):
            typer.echo(f"unexpected, {times} times: {fault}", err=True)
        raise typer.Exit(1)


def soak(checkpoint: Path, plan: Plan) -> Record:
    """Trouble a service on the folder of a checkpoint. Raises ServerError where none starts."""
    with staged(checkpoint, Paces()) as scene:
        return uvloop.run(measure(scene, plan))


@contextmanager
def staged(checkpoint: Path, paces: Paces) -> Iterator[Scene]:
    """Start a service with a folder for visitors, which is empty."""
    key = new_key()
    with tempfile.TemporaryDirectory() as name:
        visitors, apart = Path(name) / "visitors", Path(name) / "apart"
        visitors.mkdir()
        with started(troubled(checkpoint, visitors, key), checkpoint.stem) as running:
            yield Scene(
                running=running,
                key=key,
                residents=residents(checkpoint),
                visitors=visitors,
                versions=versions(checkpoint, apart),
                verdicts=Verdicts(),
                paces=paces,
            )


def residents(checkpoint: Path) -> tuple[str, ...]:
    """Name the models of its folder, it first."""
    names = sorted(path.stem for path in checkpoint.parent.glob(f"*{SUFFIX}"))
    return (checkpoint.stem, *(name for name in names if name != checkpoint.stem))


def troubled(checkpoint: Path, visitors: Path, key: str) -> Server:
    """Serve its folder and that of the visitors, whose files win a name."""
    server = ours(checkpoint)
    settings = {
        "GANFORGE_MODELS": os.pathsep.join(map(str, (checkpoint.parent, visitors))),
        "GANFORGE_ADMIN_KEY": digest_of(key),
        "GANFORGE_POLL_SECONDS": "0.2",
        "GANFORGE_BODY_SECONDS": "5",
    }
    return replace(server, environment={**server.environment, **settings})


async def measure(scene: Scene, plan: Plan) -> Record:
    """Find the capacity, then ask for 80 % of it while there is trouble."""
    verdicts = scene.verdicts

    def hear(order: Order, found: Answer, times: Times) -> None:
        verdicts.see(order.what, order.request, found, order.deserved)

    asked, before = orders(scene.residents), verdicts.asked.total()
    await offer(scene.running.port, asked, hear, connections=FULL, seconds=plan.capacity)
    capacity = (verdicts.asked.total() - before) / plan.capacity
    looks: list[tuple[float, Series]] = []
    looking = asyncio.ensure_future(watch(scene, plan.sample, looks))
    async with trouble(scene):
        await offer(scene.running.port, asked, hear, connections=MANY, rate=SHARE * capacity,
                    seconds=plan.seconds)  # fmt: skip
    looking.cancel()
    await asyncio.sleep(CALM)
    await rest(scene)
    return Record(capacity=capacity, looks=looks, verdicts=verdicts)


def orders(names: Sequence[str]) -> Iterator[Order]:
    """Ask for the same images of every model again and again; the visitor need not be there."""
    always, perhaps = frozenset({OK}), frozenset({OK, GONE})
    some = [
        Order("visitor" if name == GUEST else "images",
              post("/generate", {"model": name, "seed": seed}),
              perhaps if name == GUEST else always)
        for name in (*names, GUEST)
        for seed in range(SEEDS)
    ]  # fmt: skip
    random.Random(0).shuffle(some)
    return cycle(some)


async def watch(scene: Scene, pause: float, looks: list[tuple[float, Series]]) -> None:
    """Look at the service again and again."""
    while True:
        await asyncio.sleep(pause)
        looks.append((monotonic(), await look(scene)))


async def look(scene: Scene) -> Series:
    """Look at the service once; what cannot be seen, while a worker is replaced, is left out."""
    gauges = await metrics(scene.running.port)
    seen = {
        "service, MiB": process.resident(scene.running.pid),
        "worker, MiB": process.resident(process.worker(scene.running.pid)),
        "descriptors": process.descriptors(scene.running.pid),
        "threads": process.threads(scene.running.pid),
        "requests in flight": gauges.get("in_flight_requests"),
        "images waiting": gauges.get("queue_images"),
    }
    return {name: value for name, value in seen.items() if value is not None}


async def metrics(port: int) -> dict[str, float]:
    """Read the service's gauges that have no labels."""
    with closing(Client(port)) as client:
        text = (await answer(client, get("/metrics"))).body.decode()
    return {name: float(value) for name, value in
            re.findall(r"^ganforge_(\w+) (\S+)$", text, re.MULTILINE)}  # fmt: skip


async def rest(scene: Scene) -> None:
    """Hold the service to being ready, with nothing left to do and nothing on its mind."""
    verdicts = scene.verdicts
    with closing(Client(scene.running.port)) as client:
        verdicts.hear("ready at the end", await answer(client, get("/readyz")), {OK})
    gauges = await metrics(scene.running.port)
    for name, expected in AT_REST.items():
        if gauges.get(name) != expected:
            verdicts.fault("ready at the end", f"{name} is {gauges.get(name)}, not {expected}")
    for error in tracebacks(scene.running.printed()):
        verdicts.fault("log", error)


def tracebacks(printed: str) -> list[str]:
    """Return the last line of each traceback in a log: the error itself."""
    return [
        re.search(r"^\S.*", text, re.MULTILINE)[0]  # type: ignore[index]
        for text in printed.split(f"{TRACEBACK}:\n")[1:]
    ]


def trend(looks: Sequence[tuple[float, Series]]) -> str:
    """Say of each series where it began, where it was, where it ended, and where it is going."""
    names = dict.fromkeys(name for _, seen in looks for name in seen)
    head = ("", "first", "median", "last", "an hour")
    rows = [row(name, [(at, seen[name]) for at, seen in looks if name in seen]) for name in names]
    return layout([head, *rows])


def row(name: str, points: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    """Sum one series up."""
    at, values = zip(*points, strict=True)
    figures = values[0], statistics.median(values), values[-1]
    return (name, *(f"{value:.1f}" for value in figures), f"{slope(at, values):+.1f}")


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """Fit a line, and return by how much it rises in an hour."""
    if len(at) < 2:
        return math.nan
    return HOUR * statistics.linear_regression(at, values).slope


def counts(verdicts: Verdicts) -> str:
    """Say how often what was done, and how often that went wrong."""
    wrong = verdicts.wrong()
    rows = [("", "times", "503 for a new worker", "unexpected")]
    for what, times in sorted(verdicts.asked.items()):
        rows.append((what, str(times), str(verdicts.forgiven[what]), str(wrong.get(what, 0))))
    return layout(rows)


if __name__ == "__main__":
    typer.run(main)
