"""Scatter: what each variant made of a mixture, beside the mixture itself."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from training.evaluate.points import Mixture
from training.report.picture import GREY, Picture, from_figure
from training.zoo.contest import SCATTERED, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 4
REAL, MADE = "#d98c1f", "#3b82c4"


def scatter(mixture: Mixture, results: Sequence[Result]) -> Picture | None:
    """Draw one panel for the real points and one for the first seed of each variant."""
    from matplotlib.figure import Figure  # slow to import

    first: dict[str, Result] = {}
    for result in results:
        if result.mixture == mixture.name and result.points:
            first.setdefault(result.variant, result)
    if not first:
        return None
    rows = math.ceil((1 + len(first)) / COLUMNS)
    figure = Figure(figsize=(2.3 * COLUMNS, 2.5 * rows), layout="constrained")
    real, _ = mixture.draw(SCATTERED, torch.Generator().manual_seed(0))
    axes = figure.subplots(rows, COLUMNS, squeeze=False).flat
    panel(axes[0], "real", mixture, real.tolist(), REAL)
    for place, (name, result) in zip(axes[1:], first.items(), strict=False):
        title = f"{name}: {result.found} modes, {result.quality:.0%}"
        panel(place, title, mixture, result.points, MADE)
    for place in axes[1 + len(first) :]:
        place.set_axis_off()
    names = ", ".join(first)
    return from_figure(
        f"modes-{mixture.name}", mixture.name, f"{mixture.about}: real, {names}", figure
    )


def panel(
    axes: "Axes",
    title: str,
    mixture: Mixture,
    points: Sequence[Sequence[float]],
    colour: str,
) -> None:
    """Draw points over rings around the centres."""
    reach = 1.3 * float(mixture.centres.abs().max())
    x, y = mixture.centres.T.tolist()
    axes.scatter(x, y, s=60, facecolors="none", edgecolors=GREY, alpha=0.5)
    x, y = zip(*points, strict=True)
    axes.scatter(x, y, s=2, color=colour, alpha=0.6, linewidths=0)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], aspect="equal")
    axes.set_title(title, fontsize=8, color=GREY)
    for spine in axes.spines.values():
        spine.set_color(GREY)
        spine.set_alpha(0.4)
