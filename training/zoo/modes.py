"""`ganforge modes`."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children
from pathlib import Path
from typing import Annotated

import typer

from training import variants
from training.evaluate.points import MIXTURES
from training.report.scatter import scatter
from training.zoo.cli import settings
from training.zoo.contest import Match, Result, Rules, build, compete
from training.zoo.jobs import CONTEXT, set_up
from training.zoo.results import Results, matches, open_

app = typer.Typer(add_completion=False)
Option = typer.Option


@app.command()
def modes(
    variant: Annotated[
        list[str] | None, Option(help="Try this one; again for more. [every one there is]")
    ] = None,
    seeds: Annotated[int, Option(min=1, help="Runs of each variant on each mixture.")] = 3,
    steps: Annotated[int, Option(min=1, help="Generator steps.")] = 3_000,
    batch: Annotated[int, Option(min=2, help="Points a step.")] = 256,
    set_: Annotated[
        list[str] | None,
        Option("--set", help="Hyper-parameter: name=value, VARIANT.name=value."),
    ] = None,
    jobs: Annotated[int, Option(min=1, help="Runs side by side, a core each.")] = 1,
    out: Annotated[Path, Option(help="JSON file of the results.")] = Path("report/modes.json"),
) -> None:
    """Count the modes that each variant finds of a ring and of a grid of Gaussians.

    All variants have the same small networks, batch, steps and rates, but for --set. What is in
    --out already is not done again. Beside it is a picture of each mixture.
    """
    names = variant or variants.names()
    rules = Rules(steps=steps, batch=batch, settings=settings(set_ or []))
    for name in names:
        build(name, 2, rules)
    results = open_(out, rules)
    left = [match for match in matches(names, tuple(MIXTURES), seeds) if results.lacks(match)]
    results = hold(left, results, jobs, out)
    for mixture in MIXTURES.values():
        picture = scatter(mixture, results.results)
        if picture is not None:
            path = out.with_name(f"{out.stem}-{mixture.name}.png")
            path.write_bytes(picture.png)
            typer.echo(f"wrote {path}")


def hold(left: Sequence[Match], results: Results, jobs: int, out: Path) -> Results:
    """Make the runs that are left, and write the file after each."""
    with ProcessPoolExecutor(jobs, CONTEXT, set_up) as pool:
        runs = [pool.submit(compete, match, results.rules) for match in left]
        try:
            for future in as_completed(runs):
                results = results.and_also(future.result())
                results.save(out)
                typer.echo(tell(future.result()))
        except KeyboardInterrupt:  # the pool would first finish what has been submitted
            for process in active_children():
                process.terminate()
            raise
    return results


def tell(result: Result) -> str:
    """Say in a line what a run came to."""
    count = MIXTURES[result.mixture].modes
    figures = f"{result.found} of {count} modes, {result.quality:.1%} of high quality"
    what = f"failed: {result.failure}" if result.failure else figures
    which = f"{result.variant} on {result.mixture}, seed {result.seed}"
    return f"{which}: {what}, {result.seconds:.0f} s"
