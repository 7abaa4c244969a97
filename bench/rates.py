"""Rates: how long an answer takes when requests come at a fixed rate, whatever became of others.

    python -m bench.rates --plot latency.png
    python -m bench.rates --size 128

Capacity is what 64 connections get that ask again as soon as they are answered. Then requests for
single images are due at shares of it, evenly spaced. A request's time counts from when it was due:
one that has to wait for a free connection has waited. Each says by when it is wanted, so that what
cannot be made in time is refused and does not hold up the rest.
"""

import gc
import math
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from bench import untrained
from bench.contestants import ours
from bench.load import LATE, REFUSED, Asked, Load, ask, good, goodput
from bench.machine import machine
from bench.overload import SPARE_FILES, allow_files
from bench.plot import draw
from bench.quantile import quantile
from bench.request import Request
from bench.server import Server, ServerError, running
from bench.serving import CHECKPOINT, whole
from bench.table import layout, number
from models import checkpoint as checkpoints

CONNECTIONS = 64
# As many as wait for answers where the service is behind; fewer than its queue holds.
MOST_CONNECTIONS = 512
SHARES = "10,25,50,75,90,100,120"
WARM_UP = 1
SHOWN = 5
QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}

Option = typer.Option


@dataclass(frozen=True, kw_only=True)
class Point:
    """What came of one load, which is `share` percent of the capacity."""

    share: int
    load: Load
    asked: Sequence[Asked]
    faults: Counter[str]

    def latency(self, at: float) -> float:
        """Return a quantile of the times of images, in milliseconds."""
        return 1000 * quantile((taken(one) for one in good(self.asked)), at)

    @property
    def in_time(self) -> float:
        """Count the images in a second that came within the deadline."""
        assert self.load.deadline is not None
        found, limit = good(self.asked), self.load.deadline / 1000
        timely = sum(taken(one) <= limit for one in found)
        return goodput(self.asked) * timely / max(1, len(found))

    @property
    def refused(self) -> float:
        """Say what share of all requests was refused, or given up when its time was over."""
        if not self.asked:
            return math.nan
        return sum(one.status in (REFUSED, LATE) for one in self.asked) / len(self.asked)


def taken(one: Asked) -> float:
    """Count a request's time from when it was due."""
    return one.late + one.seconds


def main(
    seconds: Annotated[float, Option(min=0.5, help="Length of each measurement.")] = 8,
    shares: Annotated[str, Option(help="Loads, in percent of the capacity.")] = SHARES,
    deadline: Annotated[int, Option(min=1, help="Milliseconds that an answer may take.")] = 50,
    checkpoint: Annotated[Path, Option(exists=True, help="What is asked for.")] = CHECKPOINT,
    size: Annotated[int, Option(min=0, help="Its network for images so large instead.")] = 0,
    plot: Annotated[Path | None, Option(help="PNG to draw.")] = None,
) -> None:
    """Find the capacity, offer shares of it, and say how long answers take."""
    allow_files(2 * MOST_CONNECTIONS + SPARE_FILES)
    percents = whole(shares)
    typer.echo(machine())
    with subject(checkpoint.resolve(), size) as path:
        points = measure(server(path), path.stem, percents, seconds, deadline)
    capacity = 100 * points[0].load.rate / points[0].share
    typer.echo(f"{path.stem}, capacity {capacity:.0f} requests/s\n\n{table(points)}")
    if plot is not None:
        curves = {name: [one.latency(at) for one in points] for name, at in QUANTILES.items()}
        draw(plot, [one.load.rate for one in points], curves, deadline=deadline, capacity=capacity)
    if faults := sum((one.faults for one in points), Counter()):
        for fault, often in faults.most_common(SHOWN):
            typer.echo(f"wrong, {often} times: {fault}", err=True)
        raise typer.Exit(1)


@contextmanager
def subject(checkpoint: Path, size: int) -> Iterator[Path]:
    """Yield the checkpoint, or one of the same kind of network for images of another size."""
    if not size:
        yield checkpoint
        return
    with tempfile.TemporaryDirectory() as folder:
        yield untrained.write(checkpoint, size, Path(folder))


def server(checkpoint: Path) -> Server:
    """Serve it as a user does; it may have no classes, and images of any size."""
    image = checkpoints.describe(checkpoint).image
    request = Request(
        path="/generate",
        body='{"model":"$model","seed":$seed}',
        size=(image.width, image.height),
    )
    return replace(ours(checkpoint), request=request)


def measure(
    server: Server, model: str, shares: Sequence[int], seconds: float, deadline: int
) -> list[Point]:
    """Start the service, find its capacity, and offer each share of it. Raises ServerError."""
    closed = Load(model=model, images=1, rate=math.inf, seconds=seconds, connections=CONNECTIONS)
    gc.freeze()  # no collection walks what is imported while answers are timed
    with running(server, model) as port:
        ask(port, replace(closed, seconds=WARM_UP))
        asked, faults = ask(port, closed)
        if faults:
            raise ServerError(f"answered {faults.most_common(1)[0][0]}")
        capacity = goodput(asked)
        opened = replace(closed, connections=MOST_CONNECTIONS, deadline=deadline)
        return [
            offered(port, share, replace(opened, rate=capacity * share / 100)) for share in shares
        ]


def offered(port: int, share: int, load: Load) -> Point:
    """Offer one load."""
    asked, faults = ask(port, load)
    return Point(share=share, load=load, asked=asked, faults=faults)


def table(points: Sequence[Point]) -> str:
    """Lay the loads out, one a line."""
    limit = points[0].load.deadline
    head = ("load", "due/s", "answered/s", f"in {limit} ms/s", "refused")
    rows = [row(point) for point in points]
    return layout([(*head, *(f"{name} ms" for name in QUANTILES), "anything else"), *rows])


def row(point: Point) -> tuple[str, ...]:
    """Say what came of one load."""
    rates = point.load.rate, goodput(point.asked), point.in_time
    latencies = [point.latency(at) for at in QUANTILES.values()]
    return (
        f"{point.share} %",
        *(f"{rate:.0f}" for rate in rates),
        f"{100 * point.refused:.2f} %",
        *map(number, latencies),
        str(point.faults.total()),
    )


if __name__ == "__main__":
    typer.run(main)
