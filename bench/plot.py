"""Plot: latency against load, as one PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from training.report.picture import GREY, quiet

# From light to dark: the rarer, the darker.
COLOURS = ("#8fbde6", "#3b82c4", "#123f6d")
LIMIT = "#d98c1f"


def draw(
    path: Path,
    rates: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    deadline: float,
    capacity: float,
) -> None:
    """Draw milliseconds over requests a second: a curve a name, and a line a limit."""
    from matplotlib.figure import Figure  # slow to import
    from matplotlib.ticker import ScalarFormatter

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = quiet(figure.add_subplot(xlabel="requests due a second", yscale="log"))
    axes.set_title("milliseconds until the answer", fontsize=9, loc="left", color=GREY)
    for colour, (name, milliseconds) in zip(COLOURS, curves.items(), strict=True):
        axes.plot(rates, milliseconds, "o-", color=colour, markersize=4, label=name)
    axes.axhline(deadline, color=LIMIT, linestyle="--", linewidth=1, label="deadline")
    axes.axvline(capacity, color=LIMIT, linestyle=":", linewidth=1, label="capacity")
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, labelcolor=GREY)
    figure.savefig(path, dpi=140)
