"""Table: variants against figures, each cell the mean over seeds, and what real images reach."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean, median, stdev

from models.card import Metric
from training.report.figures import Figure, figures
from training.report.model import Model, Weights

Which = Callable[[Model], Weights | None]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What stands in a cell, and whether it is the best of its column."""

    text: str
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows are variants, `floor` is what real images reach, `protocols` say how it is measured."""

    heads: Sequence[str]
    rows: Sequence[Row]
    floor: Row
    protocols: Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One figure: its values by variant, one for each seed."""

    figure: Figure
    values: Mapping[str, Sequence[float]]
    floor: float | None = None
    protocols: Sequence[str]


def tabulate(models: Sequence[Model], which: Which) -> Table | None:
    """Lay out the figures of these models' weights; None where there are none."""
    seeds = {
        name: [(m, w) for m in group if (w := which(m)) is not None and w.judgement is not None]
        for name, group in groupby(models, lambda m: m.entry.variant)
    }
    seeds = {name: found for name, found in seeds.items() if found}
    if not seeds:
        return None
    columns = [*measured(seeds), *costs(seeds)]
    return Table(
        heads=[column.figure.title for column in columns],
        rows=[Row(name=name, cells=[cell(column, name) for column in columns]) for name in seeds],
        floor=Row(name="real images", cells=[floor(column) for column in columns]),
        protocols={column.figure.title: column.protocols for column in columns},
    )


Seeds = Mapping[str, Sequence[tuple[Model, Weights]]]
"""By variant, each seed's run and the weights that are tabulated."""


def measured(seeds: Seeds) -> Iterator[Column]:
    """Make a column of each metric that any model has."""
    metrics = {name: [of(w) for _, w in found] for name, found in seeds.items()}
    names = {metric for found in metrics.values() for one in found for metric in one}
    for figure in figures(names):
        key = figure.name
        all_ = [one[key] for found in metrics.values() for one in found if key in one]
        floors = [metric.floor for metric in all_ if metric.floor is not None]
        yield Column(
            figure=figure,
            values={v: [o[key].value for o in found if key in o] for v, found in metrics.items()},
            floor=floors[0] if floors else None,
            protocols=list(dict.fromkeys(metric.protocol for metric in all_)),
        )


def of(weights: Weights) -> Mapping[str, Metric]:
    """Return the metrics of weights that were judged."""
    assert weights.judgement is not None, "tabulate leaves the others out"
    return weights.judgement.metrics


def costs(seeds: Seeds) -> Iterator[Column]:
    """Make the columns of what a model costs: time to train it, and bytes to keep it."""
    devices = {w.card.training.device for found in seeds.values() for _, w in found}
    yield Column(
        figure=Figure(name="seconds", title="s / epoch", better="low", decimals=1),
        values={name: [pace(m, w) for m, w in found] for name, found in seeds.items()},
        protocols=[
            f"seconds of training for a pass over the data, on {', '.join(sorted(devices))}"
        ],
    )
    yield Column(
        figure=Figure(name="size", title="MB", better="low", decimals=2),
        values={name: [w.size / 1e6 for _, w in found] for name, found in seeds.items()},
        protocols=["megabytes of the file: generator and discriminator in half precision"],
    )


def pace(model: Model, weights: Weights) -> float:
    """Return the seconds that an epoch takes: the median of the journal's, over its batches.

    The mean would count the evaluations between them, and what a resumed run did twice.
    """
    batch = weights.card.training.hyper_parameters["batch"]
    paces = [
        (after["seconds"] - before["seconds"]) / (after["batch"] - before["batch"])
        for before, after in pairwise(model.journal)
    ]
    assert model.config is not None, "it has weights, so that there was a run"
    whole = (model.last or weights).card.training
    if not paces:
        return whole.seconds / model.config.epochs
    return median(paces) * whole.images / batch / model.config.epochs


def cell(column: Column, variant: str) -> Cell:
    """Write the mean, and the deviation where there are several seeds."""
    values = column.values[variant]
    if not values:
        return Cell(text="—")
    write = column.figure.text
    text = write(fmean(values))
    if len(values) > 1:
        text += f" ± {write(stdev(values))}"
    return Cell(text=text, best=fmean(values) == best(column))


def best(column: Column) -> float | None:
    """Return the best mean of a column; None where none is better than another."""
    means = [fmean(values) for values in column.values.values() if values]
    if len(set(means)) == 1:
        return None
    match column.figure.better:
        case "low":
            return min(means)
        case "high":
            return max(means)
    return None


def floor(column: Column) -> Cell:
    return Cell(text="—" if column.floor is None else column.figure.text(column.floor))
