"""`ganforge train`, `evaluate` and `classifier`."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from models import checkpoint
from training import run, variants
from training.config import ConfigError, configure
from training.data import title as titled
from training.evaluate import commands

app = typer.Typer(no_args_is_help=True)
app.command()(commands.evaluate)
app.command()(commands.classifier)

Option = typer.Option
VARIANTS = ", ".join(variants.names())


@app.command()
def train(
    variant: Annotated[str, typer.Argument(help=f"One of {VARIANTS}.")],
    data: Annotated[str, Option(help="A built-in name (digits, mnist, …) or a folder of images.")],
    out: Annotated[Path | None, Option(help="Run folder. [runs/NAME]")] = None,
    name: Annotated[str | None, Option(help="The model's name. [VARIANT-DATA]")] = None,
    publish: Annotated[Path | None, Option(help="Folder to put the finished file in.")] = None,
    resume: Annotated[bool, Option(help="Go on where the run in --out stopped.")] = False,
    epochs: Annotated[float | None, Option(help="Passes over the data. [the variant's]")] = None,
    steps: Annotated[int | None, Option(help="Generator steps, instead of epochs.")] = None,
    batch: Annotated[int | None, Option(help="Images a step. [the variant's]")] = None,
    size: Annotated[
        int | None, Option(help="Side to resize to. [the data's; a folder's: 64]")
    ] = None,
    channels: Annotated[int | None, Option(help="1 grey, 3 colour. [the data's]")] = None,
    seed: Annotated[int, Option(help="Decides weights, order and noise.")] = 0,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1.")] = "auto",
    precision: Annotated[str, Option(help="auto, fp32 or bf16.")] = "auto",
    ema: Annotated[float, Option(help="Decay of the averaged generator; 0: none.")] = 0.9995,
    save_every: Annotated[int, Option(help="Steps between snapshots.")] = 500,
    data_root: Annotated[Path | None, Option(help="Where data sets are kept.")] = None,
    set_: Annotated[list[str] | None, Option("--set", help="Hyper-parameter: name=value.")] = None,
) -> None:
    """Train one variant and write a checkpoint that `ganforge serve` understands."""
    title = name or f"{variant}-{titled(data)}"
    if not re.fullmatch(r"\w[\w.-]*", title):
        raise ConfigError(f"--name {title!r}: expected letters, digits, '_', '-' and '.'")
    folder = out or Path("runs") / title
    if folder.is_file():
        raise ConfigError(f"--out {folder} is a file; expected a folder, or a name for a new one")
    kind = variants.find(variant)
    config = configure(
        variant=variant,
        data=data,
        data_root=data_root,
        size=size,
        channels=channels,
        epochs=kind.epochs if epochs is None else epochs,
        steps=steps,
        batch=kind.batch if batch is None else batch,
        seed=seed,
        device=device,
        precision=precision,
        ema=ema,
        save_every=save_every,
        hyper=parse_settings(set_ or []),
    )
    if publish is not None:
        require_room(publish)
    work = run.prepare(config, folder, title, resume=resume)
    typer.echo(f"{title}: {len(work.data)} images on {work.device}, results in {folder}")
    if work.done >= 1:
        typer.echo(f"already at step {work.state.step}: ask for more --steps or --epochs to go on")
    try:
        finished = execute(work)
    except run.Interrupted as stopped:
        typer.echo(stopped, err=True)
        raise
    typer.echo(f"wrote {finished}")
    if publish is not None:
        target = publish / finished.name
        checkpoint.write(target, finished.read_bytes())
        typer.echo(f"published {target}")


def require_room(folder: Path) -> None:
    """Raise ConfigError unless a file can be put there: better now than when all is computed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--publish {folder}: {error.strerror}; expected a folder") from error
    if not os.access(folder, os.W_OK):
        raise ConfigError(
            f"--publish {folder}: user {os.getuid()} may not write there: change that"
        )


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """Read `name=value` pairs; a value is JSON where it can be, else a string."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise ConfigError(f"--set {pair!r}: expected name=value, as in --set lambda_=5")
        try:
            settings[name] = json.loads(value)
        except json.JSONDecodeError:
            settings[name] = value
    return settings


def execute(work: run.Run) -> Path:
    """Train under a progress bar that shows rate and time left."""
    total, start = work.images, round(work.done * work.images)
    with tqdm(total=total, initial=start, unit="img", unit_scale=True, desc=work.name) as bar:

        def show(done: float, terms: Mapping[str, float]) -> None:
            bar.set_postfix({name: f"{value:.3f}" for name, value in terms.items()}, refresh=False)
            bar.update(round(done * total) - bar.n)

        return run.execute(work, show)
