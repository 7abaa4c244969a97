"""Collection: our variants beside znxlwm's own code, as many epochs each, judged alike.

Theirs is pytorch-generative-model-collections as it stands in a clone, in a process of its own
(`bench.theirs`). Ours is `ganforge train` with networks of its size. Both make 10,000 images, of
conditional variants as many of each class, and the bundled classifier of MNIST judges them.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import typer
from torch import Tensor

from bench.machine import machine
from bench.table import layout, number, times
from bench.theirs import CLASSES, SAMPLES
from models import checkpoint
from models import device as devices
from training import variants
from training.cli import parse_settings
from training.config import Config
from training.data import load
from training.evaluate.classifier_file import bundled
from training.evaluate.distances import fid
from training.evaluate.in_domain import in_domain
from training.evaluate.real import part
from training.evaluate.served import seeds_from, served
from training.evaluate.view import View
from training.run import execute, prepare

DATA = "mnist"


class Ours(NamedTuple):
    """The variant of ours that is the same, and how it is trained where not as most are."""

    variant: str
    hyper: Mapping[str, Any] = MappingProxyType({})


HYPER: Mapping[str, Any] = MappingProxyType(
    {
        "generator_width": 64,
        "generator_hidden": 1024,
        "discriminator_width": 64,
        "discriminator_hidden": 1024,
        "learning_rate": 1e-3,
    }
)
"""Networks of its size, and the rate at which the bundled models are trained."""

CODER = {"discriminator_width": 64, "discriminator_hidden": 0}
OURS = {
    "ACGAN": Ours("acgan"),
    "BEGAN": Ours("began", CODER | {"network": "dcgan", "code": 32, "gamma": 0.95,
                                    "lambda_k": 0.03, "learning_rate": 5e-4}),
    "CGAN": Ours("cgan"),
    "DRAGAN": Ours("dragan", {"beta1": 0, "penalty": "squared", "lambda_": 0.5}),
    "EBGAN": Ours("ebgan", CODER),
    "GAN": Ours("dcgan"),  # its GAN is one of convolutions
    "infoGAN": Ours("infogan"),
    "LSGAN": Ours("lsgan"),
    "WGAN": Ours("wgan", {"n_critic": 1, "clip": 0.05, "learning_rate": 5e-4}),
    "WGAN_GP": Ours("wgan_gp", {"n_critic": 2, "beta1": 0}),
}  # fmt: skip

Option = typer.Option


class Score(NamedTuple):
    """How far images are from real ones, and how often they are of the class asked for."""

    fid: float
    agreement: float


def main(
    clone: Annotated[Path, typer.Argument(help="A clone of its repository.")],
    variant: Annotated[list[str] | None, Option(help="As its files are called. [all]")] = None,
    epochs: Annotated[int, Option(min=1, help="Passes over MNIST, of each.")] = 5,
    seed: Annotated[int, Option(help="Of each.")] = 0,
    work: Annotated[Path, Option(help="What is trained is kept here, and not again.")] = Path(
        "checkpoints/collection"
    ),
    set_: Annotated[list[str] | None, Option("--set", help="Ours: name=value.")] = None,
) -> None:
    """Train both, variant by variant, and print how far their images are from real ones."""
    typer.echo(f"{machine()}\n{epochs} epochs of {DATA}\n")
    view = in_domain(bundled(DATA), devices.choose("auto"))
    test = view.look(load(DATA, split="test").images).features
    floor = fid(test, view.look(part(load(DATA), SAMPLES).pixels).features)
    rows: list[tuple[str, ...]] = [
        ("", "theirs", "ours", "theirs, of the floor", "ours", "agreement: theirs", "ours")
    ]
    for name in variant or OURS:
        folder = work / f"{name}-{epochs}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        theirs = judge(train_theirs(clone, name, epochs, seed, folder), view, test)
        ours = judge(train_ours(name, epochs, seed, folder, parse_settings(set_ or [])), view, test)
        rows.append(row(name, theirs, ours, floor))
        typer.echo("  ".join(rows[-1]), err=True)
    typer.echo(layout(rows))


def train_theirs(clone: Path, name: str, epochs: int, seed: int, folder: Path) -> Tensor | None:
    """Return its images, uint8 (SAMPLES, 1, 28, 28); None where its code does not run here."""
    out = folder / "theirs.npy"
    if not out.exists():
        command = [sys.executable, "-m", "bench.theirs", clone, name, epochs, seed, out]
        with (folder / "theirs.log").open("w") as log:
            subprocess.run([str(word) for word in command], stdout=log, stderr=log, check=False)
    return torch.from_numpy(np.load(out)) if out.exists() else None


def train_ours(name: str, epochs: int, seed: int, folder: Path, hyper: dict[str, Any]) -> Tensor:
    """Return our images of the seeds 0 to SAMPLES - 1, as they are served."""
    variant, own = OURS[name]
    file = folder / f"{variant}.safetensors"
    if not file.exists():
        batch = variants.find(variant).batch
        steps = epochs * len(load(DATA)) // batch // own.get("n_critic", 1)
        full = {**HYPER, **own, "decay": steps, **hyper}
        config = Config(
            variant=variant, data=DATA, epochs=epochs, batch=batch, seed=seed, hyper=full,
            save_every=steps,
        )  # fmt: skip
        execute(prepare(config, folder, variant, resume=False), lambda done, terms: None)
    generator = checkpoint.load(file).generator
    seeds = seeds_from(0, SAMPLES)
    return served(generator, seeds, seeds % CLASSES if generator.classes else None)


def judge(images: Tensor | None, view: View, test: Tensor) -> Score | None:
    """Look at images whose class, if they have one, is their number modulo CLASSES."""
    if images is None:
        return None
    look = view.look(images)
    asked = torch.arange(len(images)) % CLASSES
    return Score(fid(test, look.features), float((look.classes() == asked).float().mean()))


def row(name: str, theirs: Score | None, ours: Score | None, floor: float) -> tuple[str, ...]:
    """Write one line of the table."""
    scores = (theirs, ours)
    told = variants.find(OURS[name].variant).conditional
    return (
        name,
        *("does not run" if one is None else number(one.fid) for one in scores),
        *("-" if one is None else times(one.fid, floor) for one in scores),
        *("-" if one is None or not told else f"{one.agreement:.2%}" for one in scores),
    )


if __name__ == "__main__":
    typer.run(main)
