"""`ganforge zoo`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from models import device as devices
from training import variants
from training.cli import parse_settings
from training.config import ConfigError
from training.data import title
from training.report.build import build
from training.zoo import judges
from training.zoo.attempt import attempt, ended
from training.zoo.entry import Entry
from training.zoo.jobs import side_by_side
from training.zoo.order import EVERYONE, Order
from training.zoo.publish import publish as publish_all
from training.zoo.work import finished

app = typer.Typer(add_completion=False)
Option = typer.Option


@app.command()
def zoo(
    data: Annotated[
        list[str] | None, Option(help="A name or a folder of labelled images; again for more.")
    ] = None,
    seeds: Annotated[int, Option(min=1, help="Runs of each variant on each data set.")] = 1,
    variant: Annotated[
        list[str] | None, Option(help="Train this one; again for more. [every one there is]")
    ] = None,
    out: Annotated[Path, Option(help="Folder of the run folders.")] = Path("runs/zoo"),
    report: Annotated[Path, Option(help="Folder to write the report to.")] = Path("report"),
    publish: Annotated[Path | None, Option(help="Folder to put the best files in.")] = None,
    epochs: Annotated[float | None, Option(help="Passes over the data. [the variant's]")] = None,
    jobs: Annotated[int, Option(min=1, help="Models that are trained side by side.")] = 1,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1.")] = "auto",
    data_root: Annotated[Path | None, Option(help="Where data sets are kept.")] = None,
    set_: Annotated[
        list[str] | None,
        Option("--set", help="Hyper-parameter: name=value, VARIANT.name=value."),
    ] = None,
    inception: Annotated[
        bool,
        Option(
            "--inception/--no-inception",
            help="Measure by Inception too, where its weights are: hours on a CPU.",
        ),
    ] = True,
    report_only: Annotated[
        bool, Option("--report-only", help="Train nothing; write the report of what is in --out.")
    ] = False,
) -> None:
    """Train every variant on these data sets, and write a report and the files to serve.

    What was stopped is resumed, what is finished is left alone, and what fails is in the report.
    """
    order = Order(
        out=out,
        epochs=epochs,
        device=device,
        data_root=data_root,
        settings=settings(set_ or []),
        inception=inception,
        jobs=jobs,
    )
    failed = 0
    if not report_only:
        entries = list(plan(variant or variants.names(), data or [], seeds))
        failed = train(entries, order)
        if publish is not None:
            for path in publish_all(entries, order, publish):
                typer.echo(f"published {path}")
    typer.echo(f"report: {build(out, report, data_root=data_root)}")
    if failed:
        typer.echo(f"{failed} of {len(entries)} failed: the report says why", err=True)
        raise typer.Exit(1)


def plan(names: Sequence[str], data: Sequence[str], seeds: int) -> Iterator[Entry]:
    """List the models, first of each the first seed.

    Raises UserError for an unknown variant, or data without a name.
    """
    if not data:
        raise ConfigError("--data is missing: name a data set or a folder, as in --data mnist")
    for name in names:
        variants.find(name)
    for source in data:
        title(source)
    for seed in range(seeds):
        for source in data:
            yield from (Entry(variant=name, data=source, seed=seed) for name in names)


def settings(pairs: list[str]) -> dict[str, dict[str, Any]]:
    """Sort `variant.name=value` and `name=value` by variant. Raises UserError."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in parse_settings(pairs).items():
        variant, _, parameter = name.rpartition(".")
        if variant != EVERYONE:
            variants.find(variant)
        found.setdefault(variant, {})[parameter] = value
    return found


def train(entries: Sequence[Entry], order: Order) -> int:
    """Make every model that is not finished, and return how many failed.

    Raises ConfigError, before anything is written, for what no run can be asked for.
    """
    for entry in entries:
        order.config(entry)
    place = devices.choose(order.device)
    for data in dict.fromkeys(entry.data for entry in entries):
        judges.provide(order.out, data, place, order.data_root, typer.echo)
    left = [entry for entry in entries if not finished(entry, order)]
    typer.echo(f"{len(entries)} models, {len(entries) - len(left)} of them finished already")
    failed = 0
    for entry, code in side_by_side(left, order.jobs, attempt, order):
        reason = ended(entry, order, code)
        typer.echo(f"{entry.title}: {'finished' if reason is None else f'failed: {reason}'}")
        failed += reason is not None
    return failed
