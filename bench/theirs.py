"""Theirs: train one variant of znxlwm's collection, from a clone of it as it stands.

`python -m bench.theirs CLONE VARIANT EPOCHS SEED OUT` keeps the images that its generator makes
afterwards. The training is its own method; what is ours is the data set, which it would download
through torchvision, and that nothing is drawn or saved on the way.
"""

import importlib
import importlib.util
import os
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from models.pixels import quantise
from training.data import load

SAMPLES = 10_000
BATCH = 500
CLASSES = 10
# Read by its `utils`, for pictures, animations and downloads alone.
UNUSED = ("imageio", "matplotlib", "matplotlib.pyplot", "scipy", "scipy.misc", "torchvision")

Argument = typer.Argument


def main(
    clone: Annotated[Path, Argument(help="A clone of pytorch-generative-model-collections.")],
    variant: Annotated[str, Argument(help="As its files are called: GAN, infoGAN, …")],
    epochs: Annotated[int, Argument(min=1, help="Passes over MNIST.")],
    seed: Annotated[int, Argument(help="Of torch's and NumPy's random numbers.")],
    out: Annotated[Path, Argument(help="Where the images go: (N, 1, 28, 28) uint8, .npy")],
) -> None:
    """Train it as its main.py does and keep its images, the class of image i being i modulo 10."""
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - theirs draws from it
    sys.path.insert(0, str(clone.resolve()))
    for name in UNUSED:
        sys.modules[name] = stand_in(name)
    sys.modules["dataloader"] = stand_in("dataloader", dataloader=batches)
    trainer = getattr(importlib.import_module(variant), variant)(arguments(variant, epochs))
    trainer.visualize_results = trainer.save = nothing
    utils = importlib.import_module("utils")
    utils.generate_animation = utils.loss_plot = nothing  # type: ignore[attr-defined]
    trainer.train()
    np.save(out, images(trainer).numpy())


def stand_in(name: str, **members: Any) -> ModuleType:
    """Make a module that has these members and, for `import` alone, any other."""
    module = ModuleType(name)
    vars(module).update(members, __getattr__=lambda member: None)
    return module


def nothing(*arguments: Any, **named: Any) -> None:
    """Do nothing."""


def arguments(variant: str, epochs: int) -> Namespace:
    """Give the defaults of its main.py, on the CPU."""
    return Namespace(
        gan_type=variant,
        dataset="mnist",
        epoch=epochs,
        batch_size=64,
        input_size=28,
        save_dir=os.devnull,
        result_dir=os.devnull,
        log_dir=os.devnull,
        lrG=0.0002,
        lrD=0.0002,
        beta1=0.5,
        beta2=0.999,
        gpu_mode=False,
    )


def batches(dataset: str, input_size: int, batch_size: int) -> DataLoader[tuple[Tensor, ...]]:
    """Give what its own loader gives: float images in [-1, 1] and labels, shuffled each epoch."""
    data = load(dataset, size=input_size)
    assert data.labels is not None, "mnist has them"
    pixels = TensorDataset(data.images / 127.5 - 1, data.labels)
    return DataLoader(pixels, batch_size=batch_size, shuffle=True)


@torch.no_grad()
def images(trainer: Any) -> Tensor:
    """Let its generator make (SAMPLES, 1, 28, 28) uint8, as its own pictures are made."""
    trainer.G.eval()
    parts = [batch(trainer, numbers) for numbers in torch.arange(SAMPLES).split(BATCH)]
    return torch.cat(parts)


def batch(trainer: Any, numbers: Tensor) -> Tensor:
    """Make the images of these numbers from z of U(0, 1), with the codes or labels it takes."""
    z = torch.rand(len(numbers), trainer.z_dim)
    labels = torch.nn.functional.one_hot(numbers % CLASSES, CLASSES).float()
    codes = 2 * torch.rand(len(numbers), getattr(trainer, "len_continuous_code", 0)) - 1
    more: dict[str, tuple[Tensor, ...]] = {
        "ACGAN": (labels,),
        "CGAN": (labels,),
        "infoGAN": (codes, labels),
    }
    made = trainer.G(z, *more.get(trainer.model_name, ()))
    return torch.from_numpy(quantise(made)).permute(0, 3, 1, 2)


if __name__ == "__main__":
    typer.run(main)
