"""Journal: the metrics of a run, one JSON object a line, and their curves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.checkpoint import write
from training.config import ConfigError

Line = dict[str, Any]


class Journal:
    """Append to `metrics.jsonl`; a resumed run forgets the lines after the step it resumes at.

    Raises ConfigError where the file is damaged, and leaves it as it is.
    """

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        kept = [line for line in self.read() if line["step"] <= step]
        write(path, "".join(json.dumps(line) + "\n" for line in kept).encode())

    @property
    def seconds(self) -> float:
        """How long the run had taken at its last line."""
        lines = self.read()
        return float(lines[-1]["seconds"]) if lines else 0.0

    def add(self, line: Line) -> None:
        """Append one line and push it to the file, so that others can follow the run."""
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> list[Line]:
        """Read every whole line."""
        return list(read(self.path))

    def plot(self, path: Path) -> None:
        """Draw each term over the steps as PNG, one panel a network."""
        from matplotlib.figure import Figure  # slow to import, and needed once a run

        lines = self.read()
        terms = sorted({name for line in lines for name in line if "/" in name})
        panels = sorted({name.split("/")[0] for name in terms})
        figure = Figure(figsize=(8, 3 * max(1, len(panels))), layout="constrained")
        for row, panel in enumerate(panels):
            axes = figure.add_subplot(len(panels), 1, row + 1, title=panel, xlabel="step")
            for name in (term for term in terms if term.startswith(f"{panel}/")):
                points = [(line["step"], line[name]) for line in lines if name in line]
                axes.plot(*zip(*points, strict=True), label=name.split("/")[1], linewidth=0.8)
            axes.legend(loc="upper right")
            axes.grid(alpha=0.3)
        figure.savefig(path, dpi=120)


def read(path: Path) -> Iterator[Line]:
    """Read every whole line of a file; a kill may have cut the last one. Raises ConfigError."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if line.endswith(b"\n"):
            yield parse(line, f"{path}, line {number}")


def parse(text: bytes, where: str) -> Line:
    """Read one line. Raises ConfigError unless it is an object of numbers with its step."""
    try:
        line = json.loads(text)
    except ValueError:  # broken JSON, or bytes that are no text
        line = None
    if not isinstance(line, dict) or not {"step", "seconds"} <= line.keys() or not numeric(line):
        raise ConfigError(
            f"{where} is damaged: found {text[:40].decode(errors='replace').strip()!r}, expected "
            'the metrics of a step, as {"step": 50, "seconds": 1.5}: delete the line, or give '
            "another --out"
        )
    return line


def numeric(line: Line) -> bool:
    return all(isinstance(value, int | float) for value in line.values())
