"""Distances: how near the samples came to the real images, snapshot by snapshot."""

from collections.abc import Iterator, Sequence

from training.report.chapter import Chapter
from training.report.material import Material
from training.report.model import Model
from training.report.picture import GREY, Picture, from_figure, quiet
from training.zoo import best


def draw(models: Sequence[Model], material: Material) -> Iterator[Picture]:
    from matplotlib import colormaps  # slow to import
    from matplotlib.figure import Figure

    seen = [(model, best.read(model.folder)) for model in models]
    seen = [(model, distances) for model, distances in seen if distances]
    if not seen:
        return
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = quiet(figure.add_subplot(xlabel="epoch", ylabel="distance", yscale="log"))
    colours, styles = colormaps["tab10"], ("-", "--", ":")
    for place, (model, distances) in enumerate(seen):
        ends = epochs(model, distances)
        style = styles[place // 10 % len(styles)]
        name = model.entry.variant
        axes.plot(ends, list(distances.values()), style, color=colours(place % 10), label=name)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, labelcolor=GREY)
    names = ", ".join(model.entry.variant for model, _ in seen)
    yield from_figure("distances", "", f"Distance over the epochs of {names}", figure)


def epochs(model: Model, distances: best.Distances) -> list[float]:
    """Say at which epoch each snapshot was made; the last one is the end of the run."""
    whole = model.config.epochs if model.config else 1
    return [whole * step / max(distances) for step in distances]


CHAPTER = Chapter(
    place=2,
    title="Distance over training",
    about=f"Fréchet distance of {best.SAMPLES} samples of the averaged generator to real training "
    "images, in the features of the data's own classifier, after each epoch. The lowest point of "
    "a curve is the checkpoint called best.",
    draw=draw,
    wide=True,
)
