"""Journal: the metrics of a run, one JSON object a line, and their curves."""

import json
from pathlib import Path
from typing import Any


class Journal:
    """Append to `metrics.jsonl`; a resumed run forgets the lines after the step it resumes at."""

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        kept = [line for line in self.read() if line["step"] <= step]
        path.write_text("".join(json.dumps(line) + "\n" for line in kept))

    @property
    def seconds(self) -> float:
        """How long the run had taken at its last line."""
        lines = self.read()
        return float(lines[-1]["seconds"]) if lines else 0.0

    def add(self, line: dict[str, Any]) -> None:
        """Append one line and push it to the file, so that others can follow the run."""
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """Read every whole line; a kill may have cut the last one."""
        if not self.path.exists():
            return []
        lines = self.path.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

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
