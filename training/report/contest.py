"""Contest: the table of the modes that each variant found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from training.evaluate.modes import protocol
from training.evaluate.points import MIXTURES, Mixture
from training.report.picture import Picture
from training.report.scatter import scatter
from training.report.table import Cell, Row
from training.zoo.contest import Result
from training.zoo.order import EVERYONE
from training.zoo.results import Results


@dataclass(frozen=True, kw_only=True)
class Contest:
    """One mixture: a row a variant, the picture, and how it was all measured."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    protocol: str
    rules: str
    failures: Sequence[tuple[str, str]]
    picture: Picture | None


def contests(results: Results) -> list[Contest]:
    """Make a table of each mixture that was run."""
    run = {result.mixture for result in results.results}
    return [contest(mixture, results) for mixture in MIXTURES.values() if mixture.name in run]


def contest(mixture: Mixture, results: Results) -> Contest:
    own = [result for result in results.results if result.mixture == mixture.name]
    names = sorted({result.variant for result in own})
    return Contest(
        title=mixture.name,
        heads=(f"modes of {mixture.modes}", "high quality", "KL", "CPU s"),
        rows=[row(name, [r for r in own if r.variant == name], mixture) for name in names],
        protocol=protocol(mixture),
        rules=rules(results),
        failures=[(f"{r.variant}, seed {r.seed}", r.failure) for r in own if r.failure],
        picture=scatter(mixture, results.results),
    )


def row(name: str, own: Sequence[Result], mixture: Mixture) -> Row:
    found = [float(r.found) for r in own]
    diverged = [r.kl for r in own if r.kl is not None]
    return Row(
        name=name,
        cells=[
            Cell(text=spread(found, "{:.3g}"), best=fmean(found) == mixture.modes),
            Cell(text=spread([100 * r.quality for r in own], "{:.1f} %")),
            Cell(text=spread(diverged, "{:.3f}") if diverged else "—"),
            Cell(text=spread([r.seconds for r in own], "{:.0f}")),
        ],
    )


def spread(values: Sequence[float], form: str) -> str:
    """Write the mean, and the deviation where there are several."""
    mean = form.format(fmean(values))
    return f"{mean} ± {form.format(stdev(values))}" if len(values) > 1 else mean


def rules(results: Results) -> str:
    """Say what all variants have in common."""
    rules, settings = results.rules, results.rules.settings
    own = [f"{name}: {write(settings[name])}" for name in sorted(settings) if name != EVERYONE]
    return (
        f"Every variant: {rules.steps} generator steps, {rules.batch} points a batch, three hidden "
        f"layers in each network and no normalisation, {write(rules.given(EVERYONE))}; all else is "
        f"the variant's own{'. Set by hand: ' if own else ''}{'; '.join(own)}."
    )


def write(hyper: Mapping[str, Any]) -> str:
    """List hyper-parameters."""
    return ", ".join(f"{name} {value}" for name, value in hyper.items())
