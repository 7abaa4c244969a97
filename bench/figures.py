"""Figures: the README's table of the bundled models, from their cards.

python -m bench.figures
"""

from collections.abc import Mapping
from pathlib import Path

import typer

from models import checkpoint
from models.card import SUFFIX, Metric, ModelCard
from service.settings import ZOO

SHARES = ("agreement", "least", "most", "class_error", "code_error")
NAMES = tuple(name.replace("_", " ") for name in SHARES)
HEADER = ("model", "data", "epochs", "FID", "floor", *NAMES, "size")


def main() -> None:
    """Print the table."""
    typer.echo(table())


def table() -> str:
    """Lay the figures of all bundled models out as Markdown."""
    paths = sorted(ZOO.glob(f"*{SUFFIX}"))
    rows = [HEADER, tuple("---" for _ in HEADER), *map(row, paths)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def row(path: Path) -> tuple[str, ...]:
    """Return the cells of one model."""
    card = checkpoint.describe(path)
    fid = card.metrics.get("in_domain_fid")
    distance = ("—", "—") if fid is None else (f"{fid.value:.3f}", f"{fid.floor or 0:.3f}")
    shares = [share(card.metrics, name) for name in SHARES]
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    return (f"`{path.stem}`", card.dataset, f"{epochs(card):.0f}", *distance, *shares, size)


def epochs(card: ModelCard) -> float:
    """Say how often all real images were seen."""
    return card.training.images / 60_000  # both MNIST and Fashion-MNIST


def share(metrics: Mapping[str, Metric], name: str) -> str:
    return f"{100 * metrics[name].value:.2f} %" if name in metrics else "—"


if __name__ == "__main__":
    typer.run(main)
