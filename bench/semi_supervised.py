"""Semi-supervised: test error after learning from few labels, or none, with a GAN and without.

Three papers' experiments: catGAN (Springenberg 2015, Table 1), SGAN (Odena 2016, Table 1), whose
classifier also learns alone from the same labelled images, and InfoGAN's categorical code (Chen
et al. 2016, §7.2). The error is that of all real test images. `--set distort=0` is as in the papers
of catGAN and InfoGAN.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import torch
import typer

from bench.machine import machine
from bench.table import layout
from models import device as devices
from models.networks import Discriminator
from training import variants
from training.cli import parse_settings
from training.data import Batch, Batches, DataSet, load
from training.evaluate.heads import answers
from training.evaluate.matching import error, majority
from training.evaluate.real import Images
from training.hardware import choose_autocast, keep_freed_memory
from training.loop import start, train
from training.losses import name_class
from training.run import SETTLING, show
from training.statistics import settled
from training.variant import Losses, Task, Variant

Option = typer.Option


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One row: a variant with its settings, and which head is asked; `alone` is without a GAN."""

    variant: str
    hyper: Mapping[str, Any]
    head: str = "classes"
    alone: bool = False


def sgan(labelled: int, *, alone: bool = False) -> Trial:
    """SGAN as Salimans et al. 2016 train it on few labels (§3.1, §5.1), or its classifier alone."""
    hyper = {
        "labelled": labelled,
        "loss": "feature_matching",
        "network": "weight_norm",
        "noise": 0.5,
        "learning_rate": 3e-3,
        "generator_width": 500,
        "generator_hidden": 500,
        "discriminator_width": 1000,
        "discriminator_hidden": 250,
    }
    return Trial(variant="sgan", hyper=hyper, alone=alone)


DISTORTED = {"learning_rate": 1e-3, "distort": 1}
TRIALS = {
    "catgan, 100 labels": Trial(variant="catgan", hyper={**DISTORTED, "labelled": 100}),
    "catgan, no labels": Trial(variant="catgan", hyper={**DISTORTED, "labelled": 0}),
    **{f"sgan, {n} labels": sgan(n) for n in (25, 50, 100)},
    **{f"its classifier alone, {n} labels": sgan(n, alone=True) for n in (25, 50, 100)},
    "infogan, no labels": Trial(variant="infogan", hyper=DISTORTED, head="codes"),
}


def main(
    trial: Annotated[list[str] | None, Option(help="Rows whose name starts so. [all]")] = None,
    epochs: Annotated[float, Option(help="Passes over the data.")] = 20,
    seeds: Annotated[int, Option(min=1, help="Runs of each row.")] = 3,
    data: Annotated[str, Option(help="Data with labels.")] = "mnist",
    set_: Annotated[list[str] | None, Option("--set", help="Hyper-parameter: name=value.")] = None,
) -> None:
    """Train each row with several seeds and print the mean error and its spread."""
    keep_freed_memory()
    typer.echo(f"{machine()}\n{epochs:g} epochs of {data}\n")
    sets = load(data), load(data, split="test")
    rows = [("", "error", "spread", "of each seed")]
    for name, one in TRIALS.items():
        if trial and not name.startswith(tuple(trial)):
            continue
        errors = [
            measure(one, *sets, seed, epochs, parse_settings(set_ or [])) for seed in range(seeds)
        ]
        spread = statistics.stdev(errors) if seeds > 1 else 0.0
        each = " ".join(f"{value:.2%}" for value in errors)
        rows.append((name, f"{statistics.mean(errors):.2%}", f"{spread:.2%}", each))
        typer.echo("  ".join(rows[-1]), err=True)
    typer.echo(layout(rows))


def measure(
    trial: Trial,
    data: DataSet,
    test: DataSet,
    seed: int,
    epochs: float,
    hyper: Mapping[str, Any],
) -> float:
    """Train once and return the share of test images whose class is not named."""
    torch.manual_seed(seed)
    device = devices.choose("auto")
    kind = variants.find(trial.variant)
    task = Task(channels=data.channels, size=data.size, classes=data.classes)
    variant = kind(task, kind.Hyper(**{**trial.hyper, **hyper})).to(device)
    variant = variant.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if trial.alone:
        variant.discriminator_loss = partial(alone, variant)
    batches = Batches(data, kind.batch, seed, device, variant.labelled)
    state = start(variant, decay=0.999)
    for _ in train(state, batches, choose_autocast("auto", device)):
        if state.batch >= epochs * batches.per_epoch:
            break
    real = (partial(show, batches[state.batch + index]) for index in range(SETTLING))
    judge = settled(variant.discriminator, real)
    return wrong(judge, trial, variant, data, test)


def alone(variant: Variant, real: Batch) -> Losses:
    """Let the discriminator learn from the labelled images alone."""
    assert real.known is not None, "only a trial with labels is made alone"
    logits = variant.discriminator(real.known.images)["classes"]
    return {"labels": name_class(logits, real.known.labels)}


def wrong(
    judge: Discriminator, trial: Trial, variant: Variant, data: DataSet, test: DataSet
) -> float:
    """Return the share of test images that a head gets wrong.

    What it found without labels is called what most training images in it are.
    """
    assert data.labels is not None, "Task made sure of them"
    assert test.labels is not None, "the test split has what the training split has"
    codes = variant.codes
    width = codes.categorical[0] if codes else judge.widths[trial.head]
    found = answers(judge, trial.head, width, Images(pixels=test.images))
    if not variant.labelled:
        clusters = answers(judge, trial.head, width, Images(pixels=data.images))
        found = majority(clusters, data.labels, width)[found]
    return error(found, test.labels)


if __name__ == "__main__":
    typer.run(main)
