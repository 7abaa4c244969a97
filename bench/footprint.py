"""Footprint: how soon the service is ready, what it holds, and what it loses of the network.

    python -m bench.footprint

`ganforge serve` is started on the whole zoo, several times. Then large requests, as many at once as
keep the device busy, take turns with the network alone: the same network, as the service places it,
called in a loop in a process of its own while the service is idle. What the ratio lacks to 1 is
what HTTP, batches, latents and pixels cost.
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Annotated, NamedTuple

import numpy as np
import torch
import typer
from torch import Tensor

from bench import process
from bench.contestants import ours
from bench.load import Load, ask, goodput
from bench.machine import machine
from bench.runner import Runner
from bench.server import Running, Server, ServerError, fetch, launched, started, wait
from bench.serving import CHECKPOINT
from bench.table import layout, number
from models import checkpoint as checkpoints
from models import device as devices
from models import latents
from models.networks import Generator
from service.engine.placing import Place
from service.engine.sampler import Sampler
from service.settings import Settings

IMAGES = 256
AT_ONCE = 8
READY = "/readyz"
# Seconds between two looks whether it is ready.
LOOK = 0.01

Option = typer.Option


class Memory(NamedTuple):
    """MiB of the service and of its worker."""

    service: float
    worker: float


class Start(NamedTuple):
    """Seconds until it was ready, and what it held then."""

    seconds: float
    memory: Memory


class Turn(NamedTuple):
    """Images a second: those of the service, and of the network alone."""

    served: float
    alone: float


def main(
    starts: Annotated[int, Option(min=1, help="How often it is started.")] = 3,
    turns: Annotated[int, Option(min=1, help="Turns of service and network.")] = 5,
    seconds: Annotated[float, Option(min=0.5, help="Length of each measurement.")] = 4,
    checkpoint: Annotated[Path, Option(exists=True, help="One of the folder served.")] = CHECKPOINT,
) -> None:
    """Measure starts and memory, then throughput against that of the network alone."""
    typer.echo(machine())
    server = ours(checkpoint.resolve())
    typer.echo(f"\n{began([start(server) for _ in range(starts)])}")
    taken, memory = compare(server, checkpoint.resolve(), turns, seconds)
    typer.echo(f"\n{throughput(taken, memory)}")


def start(server: Server) -> Start:
    """Start the service and stop it when it says that it is ready. Raises ServerError."""
    began = monotonic()
    with launched(server) as (child, running):
        wait(child, partial(fetch, running.port, READY), LOOK)
        return Start(monotonic() - began, memory_of(running))


def memory_of(running: Running) -> Memory:
    """Look at both processes; what cannot be seen is not a number."""
    service, worker = running.pid, process.worker(running.pid)
    return Memory(*(process.resident(pid) or math.nan for pid in (service, worker)))


def compare(
    server: Server, checkpoint: Path, turns: int, seconds: float
) -> tuple[list[Turn], Memory]:
    """Let the service and the network take turns; return what the service holds after it."""
    load = Load(model=checkpoint.stem, images=IMAGES, rate=math.inf, seconds=seconds,
                connections=AT_ONCE)  # fmt: skip
    settings = Settings()
    runner = Runner(partial(steps, checkpoint, settings))
    try:
        with started(server, load.model) as running:
            served(running, load)  # to warm it up
            taken = [
                Turn(served(running, load), settings.max_batch * runner.block(seconds))
                for _ in range(turns)
            ]
            return taken, memory_of(running)
    finally:
        runner.stop()


def served(running: Running, load: Load) -> float:
    """Return images a second. Raises ServerError for an answer without images."""
    asked, faults = ask(running.port, load)
    if faults:
        raise ServerError(f"answered {faults.most_common(1)[0][0]}")
    return load.images * goodput(asked)


def steps(checkpoint: Path, settings: Settings) -> Iterator[None]:
    """Call the network on a full batch again and again, with all that the service would set."""
    torch.set_num_threads(settings.threads)
    device = devices.choose(settings.device)
    sampler = Sampler(
        Place(device, settings.max_batch, settings.precision),
        checkpoints.load(checkpoint).generator,
    )
    given = inputs(sampler, settings.max_batch)
    while True:
        run(sampler.placed.network, *given)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        yield


@torch.inference_mode()
def inputs(sampler: Sampler, rows: int) -> tuple[Tensor, Tensor | None]:
    """Make what the network is given: z (rows, inputs) and condition (rows, embedding) or None."""
    place, network = sampler.place, sampler.placed.network
    seeds = np.arange(rows)
    classes = latents.classes(seeds, network.classes) if network.classes else None
    condition = sampler.embed(network, classes)
    z = place.tensor(network.latents(seeds)).to(place.dtype)
    return z, None if condition is None else condition.to(place.dtype)


@torch.inference_mode()
def run(network: Generator, z: Tensor, condition: Tensor | None) -> None:
    """Call the network once."""
    network(z, condition)


def began(starts: Sequence[Start]) -> str:
    """Say how each start went, and the medians."""
    rows = [(start.seconds, *start.memory) for start in starts]
    middle = [statistics.median(column) for column in zip(*rows, strict=True)]
    named = [*((f"start {i}", row) for i, row in enumerate(rows, 1)), ("median", middle)]
    head = ("", "ready after, s", "service, MiB", "worker, MiB")
    return layout([head, *((name, *map(number, row)) for name, row in named)])


def throughput(turns: Sequence[Turn], memory: Memory) -> str:
    """Compare what is served with what the network makes alone, turn by turn and in the median."""
    rows = [
        (f"turn {i}", turn.served, turn.alone, turn.served / turn.alone)
        for i, turn in enumerate(turns, 1)
    ]
    _, *columns = zip(*rows, strict=True)
    rows.append(("median", *map(statistics.median, columns)))
    head = ("images/s", "served", "network alone", "ratio")
    table = layout([head, *((name, *map(number, row)) for name, *row in rows)])
    return f"{table}\n\nafter it: service {memory.service:.0f} MiB, worker {memory.worker:.0f} MiB"


if __name__ == "__main__":
    typer.run(main)
