"""Ours and the others: one network, one model process each, the same requests.

Each server in turn is started, asked until it answers right, warmed up, and loaded by wrk on
the same machine: one PNG a request, each of a fresh seed. Processes that the others add for their
front ends are not counted against them.
"""

import statistics
import sys
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from bench import wrk
from bench.contestants import NAMES, OURS, contestant, installed
from bench.machine import machine
from bench.server import ROOT, Server, ServerError, running
from bench.table import layout, times
from bench.wrk import Load

CHECKPOINT = ROOT / "models" / "zoo" / "acgan.safetensors"
CONNECTIONS = "1,16,64"
WARM_UP = 2
# More seeds than one run of wrk asks for.
SEEDS = count(0, 10_000_000)
MISSING = "not installed: pip install -r bench/requirements.txt"

Option = typer.Option
Loads = dict[int, Load]
"""What was measured at each number of connections."""


def main(
    seconds: Annotated[float, Option(min=1, help="Length of each measurement.")] = 8,
    repeat: Annotated[int, Option(min=1, help="Rounds over all servers; medians are shown.")] = 1,
    servers: Annotated[str, Option(help="Which, in this order.")] = ",".join(NAMES),
    peer_python: Annotated[str, Option(help="Interpreter with the peers.")] = sys.executable,
    checkpoint: Annotated[Path, Option(exists=True, help="What all serve.")] = CHECKPOINT,
    connections: Annotated[str, Option(help="How many at once, in turn.")] = CONNECTIONS,
) -> None:
    """Load each server with 1, 16 and 64 connections, or others, and compare."""
    names, numbers = choose(servers), whole(connections)
    typer.echo(machine())
    ready = [name for name in names if installed(name, peer_python)]
    rounds: dict[str, list[Loads]] = {name: [] for name in ready}
    failed: dict[str, str] = dict.fromkeys(set(names) - set(ready), MISSING)
    for name in ready * repeat:
        if name in failed:
            continue
        server = contestant(name, peer_python, checkpoint.resolve())
        try:
            rounds[name].append(measure(server, checkpoint.stem, seconds, numbers))
        except ServerError as error:
            typer.echo(error, err=True)
            failed[name] = "failed: see above"
    middle = {name: median(loads) for name, loads in rounds.items() if loads}
    for number in numbers:
        rows = {name: failed.get(name) or middle[name][number] for name in names}
        typer.echo(f"\n{table(number, rows)}")
    if set(failed.values()) - {MISSING}:
        raise typer.Exit(1)


def choose(servers: str) -> Sequence[str]:
    """Read the names of servers. Raises BadParameter for one that there is not."""
    names = servers.split(",")
    if unknown := set(names) - set(NAMES):
        raise typer.BadParameter(f"{sorted(unknown)} unknown: expected some of {','.join(NAMES)}")
    return names


def whole(words: str) -> Sequence[int]:
    """Read whole numbers above 0, separated by commas. Raises BadParameter for anything else."""
    numbers = words.split(",")
    if not all(number.isdecimal() and int(number) for number in numbers):
        raise typer.BadParameter(f"found {words!r}: expected whole numbers above 0, as in 1,16,64")
    return [int(number) for number in numbers]


def measure(server: Server, model: str, seconds: float, numbers: Sequence[int]) -> Loads:
    """Start a server, warm it up, load it at each number of connections, stop it."""
    with running(server, model) as port:
        loads = {}
        for connections in numbers:
            typer.echo(f"{server.name}: {connections} connections ...", err=True)
            for length in (WARM_UP, seconds):
                script = wrk.script(server.request, model, first_seed=next(SEEDS))
                loads[connections] = wrk.run(port, script, connections=connections, seconds=length)
        return loads


def median(rounds: Sequence[Loads]) -> Loads:
    """Take the median of each value over the rounds; errors are summed."""
    return {
        connections: middle([loads[connections] for loads in rounds]) for connections in rounds[0]
    }


def middle(loads: Sequence[Load]) -> Load:
    kinds = {kind for load in loads for kind in load.errors}
    return Load(
        rate=statistics.median(load.rate for load in loads),
        p50=statistics.median(load.p50 for load in loads),
        p99=statistics.median(load.p99 for load in loads),
        errors={kind: sum(load.errors.get(kind, 0) for load in loads) for kind in sorted(kinds)},
    )


def table(connections: int, rows: Mapping[str, Load | str]) -> str:
    """Compare the servers at one number of connections; why one is not there stands in its row."""
    ours = rows.get(OURS)
    base = ours.rate if isinstance(ours, Load) else 0.0
    cells = [(f"c={connections}", "req/s", "p50 ms", "p99 ms", "ours is")]
    notes = [""]
    for name, found in rows.items():
        if isinstance(found, Load):
            cells.append((name, *figures(found), times(base, found.rate) if base else "-"))
            notes.append(faults(found.errors))
        else:
            cells.append((name, "-", "-", "-", "-"))
            notes.append(found)
    lines = layout(cells).splitlines()
    return "\n".join(f"{line}  {note}".rstrip() for line, note in zip(lines, notes, strict=True))


def figures(load: Load) -> tuple[str, str, str]:
    return f"{load.rate:.0f}", f"{load.p50:.2f}", f"{load.p99:.2f}"


def faults(errors: Mapping[str, int]) -> str:
    """Say what went wrong, if anything did."""
    return "errors: " + ", ".join(f"{n} {kind}" for kind, n in errors.items()) if errors else ""


if __name__ == "__main__":
    typer.run(main)
