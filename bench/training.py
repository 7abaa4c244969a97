"""Our training loop and the tutorials', on this CPU: the same DCGAN, the same data.

Each loop lives in a process of its own; they train in turns, a block each, so that whatever else
the machine does falls on all of them.
"""

import statistics
from functools import partial
from typing import Annotated

import typer

from bench.loops import Job, ours, plain
from bench.machine import machine
from bench.runner import Runner
from bench.table import layout, times
from models.errors import UserError
from training.data import load

OURS = "ours"
SIZE = 28

Option = typer.Option


def main(
    seconds: Annotated[float, Option(min=0.1, help="Length of one block.")] = 5,
    blocks: Annotated[int, Option(min=1, help="Blocks of each loop; medians are shown.")] = 5,
    batch: Annotated[int, Option(min=2, help="Images a step.")] = 128,
    width: Annotated[int, Option(min=1, help="Channels nearest the image.")] = 64,
) -> None:
    """Train with each loop in turns and compare images a second."""
    job = Job(data=data(), size=SIZE, batch=batch, width=width)
    typer.echo(f"{machine()}\nDCGAN, width {width}, batch {batch}, {job.data} at {SIZE}x{SIZE}\n")
    rates = measure(job, seconds, blocks)
    plain_best = max(rate for name, rate in rates.items() if name != OURS)
    rows = [("", "images/s", "ours is")]
    rows += [(n, f"{rate * batch:.0f}", times(rates[OURS], rate)) for n, rate in rates.items()]
    typer.echo(layout(rows))
    typer.echo(f"\nours is {times(rates[OURS], plain_best)} the better plain loop")


def data() -> str:
    """Name MNIST where it can be had, else the digits, which come with a package."""
    try:
        load("mnist")
    except UserError:
        return "digits"
    return "mnist"


def measure(job: Job, seconds: float, blocks: int) -> dict[str, float]:
    """Return the median of each loop's steps a second."""
    loops = {OURS: partial(ours.steps, job)}
    loops |= {
        f"plain, num_workers={workers}": partial(plain.steps, job, workers) for workers in (0, 2)
    }
    runners = {name: Runner(steps) for name, steps in loops.items()}
    try:
        rounds = [{n: r.block(seconds) for n, r in runners.items()} for _ in range(blocks)]
    finally:
        for runner in runners.values():
            runner.stop()
    return {name: statistics.median(rates[name] for rates in rounds) for name in loops}


if __name__ == "__main__":
    typer.run(main)
