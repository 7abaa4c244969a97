"""Flame: where the service's process spends its time under 64 connections, as a flame graph.

    python -m bench.flame docs/flame.svg

py-spy looks at the process many times a second while wrk asks for single images. Frames too narrow
to be read are left out, and files are named by their place in the project or among its packages.
py-spy has to be let look: as root, or where `kernel.yama.ptrace_scope` is 0.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bench import wrk
from bench.contestants import ours
from bench.machine import machine
from bench.request import GENERATE
from bench.server import ROOT, started
from bench.serving import CHECKPOINT, SEEDS, WARM_UP

CONNECTIONS = 64
LOOKS = 200  # a second
LEAST = 0.2  # percent of all looks
FRAME = re.compile(r"<g><title>[^<]*\([\d,]+ samples, ([\d.]+)%\)</title>.*?</g>", re.DOTALL)
ABSOLUTE = re.compile(r"(?<=\()/[^()<:]+")
TITLE = re.compile(r'(<text id="title"[^>]*>)[^<]*')
PACKAGES = "site-packages/"

Option = typer.Option


class FlameError(RuntimeError):
    """py-spy is missing, or may not look at the process."""


def main(
    out: Annotated[Path, typer.Argument(help="SVG to write.")],
    seconds: Annotated[int, Option(min=1, help="How long it is looked at.")] = 15,
    checkpoint: Annotated[Path, Option(exists=True, help="What is asked for.")] = CHECKPOINT,
) -> None:
    """Load the service, record where its time goes, and write that as SVG."""
    typer.echo(machine())
    server, model = ours(checkpoint.resolve()), checkpoint.stem
    with started(server, model) as running:
        load(running.port, model, WARM_UP)
        with tempfile.TemporaryDirectory() as folder:
            recorded = Path(folder) / "flame.svg"
            with recording(running.pid, recorded, seconds):
                found = load(running.port, model, seconds + 1)
            svg = clean(recorded.read_text())
    out.write_text(svg)
    typer.echo(f"{found.rate:.0f} requests/s while it was looked at; {len(svg) / 1e3:.0f} KB")


def load(port: int, model: str, seconds: float) -> wrk.Load:
    """Ask for one image after the other."""
    script = wrk.script(GENERATE, model, first_seed=next(SEEDS))
    return wrk.run(port, script, connections=CONNECTIONS, seconds=seconds)


@contextmanager
def recording(pid: int, out: Path, seconds: int) -> Iterator[None]:
    """Look at a process for so long, meanwhile and on. Raises FlameError."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if spy is None:
        raise FlameError("py-spy is not installed: pip install py-spy")
    command = [spy, "record", "--format", "flamegraph", "--function", "--rate", str(LOOKS)]
    command += ["--duration", str(seconds), "--pid", str(pid), "--output", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as looking:
        yield
        printed, _ = looking.communicate()
    if looking.returncode:
        raise FlameError(f"py-spy failed: {printed.decode(errors='replace')}")


def clean(svg: str) -> str:
    """Leave narrow frames out, shorten names of files, and say what was looked at."""
    wide = FRAME.sub(lambda frame: frame[0] if float(frame[1]) >= LEAST else "", svg)
    short = ABSOLUTE.sub(lambda path: shorten(path[0]), wide)
    return TITLE.sub(rf"\1ganforge serve, {CONNECTIONS} connections, an image each", short)


def shorten(path: str) -> str:
    """Name a file by its place among the packages or in the project, or else by itself."""
    _, packaged, rest = path.rpartition(PACKAGES)
    if packaged:
        return rest
    if path.startswith(f"{ROOT}/"):
        return path.removeprefix(f"{ROOT}/")
    return Path(path).name


if __name__ == "__main__":
    typer.run(main)
