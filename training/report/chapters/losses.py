"""Losses: every term of a run over its steps."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from training.report.chapter import Chapter
from training.report.material import Material
from training.report.model import Lines, Model
from training.report.picture import GREY, Picture, from_figure, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    for model in models:
        lines = model.journal
        if lines:
            name = model.entry.variant
            alt = f"Losses of {name} over {lines[-1]['step']} steps"
            yield from_figure(f"losses-{name}", name, alt, plot(lines))


def plot(lines: Lines) -> "Figure":
    """Draw one panel a network."""
    from matplotlib.figure import Figure  # slow to import

    terms = sorted({name for line in lines for name in line if "/" in name})
    panels = sorted({term.split("/")[0] for term in terms})
    figure = Figure(figsize=(6, 1.9 * len(panels)), layout="constrained")
    for place, panel in enumerate(panels):
        axes = quiet(figure.add_subplot(len(panels), 1, place + 1))
        axes.set_title(panel, fontsize=9, loc="left", color=GREY)
        for term in (term for term in terms if term.startswith(f"{panel}/")):
            points = [(line["step"], line[term]) for line in lines if term in line]
            axes.plot(*zip(*points, strict=True), label=term.split("/")[1], linewidth=0.8)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize=8,
                    labelcolor=GREY)  # fmt: skip
    axes.set_xlabel("step", fontsize=8)
    return figure


CHAPTER = Chapter(
    place=7,
    title="Losses",
    about="Each term as it is minimised, weights included, by the network that minimises it. "
    "What each stands for is in the variant's file.",
    draw=draw,
)
