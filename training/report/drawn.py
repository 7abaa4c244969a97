"""Drawn: what a model makes of seeds, for pictures: as it is served, on the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.latents import Seeds
from models.networks import Generator
from models.pixels import quantise
from training.evaluate.served import served
from training.report.model import Model, Weights


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A model that has weights, and what the pictures of it are called."""

    model: Model
    weights: Weights

    @property
    def name(self) -> str:
        return self.model.entry.variant

    @property
    def generator(self) -> Generator:
        return self.weights.model.generator


def shown(models: Sequence[Model]) -> list[Shown]:
    """Leave out the models that have no weights."""
    return [Shown(model=m, weights=m.shown) for m in models if m.shown is not None]


def of_seeds(generator: Generator, seeds: Seeds, columns: int) -> Tensor:
    """Make the images of these seeds, one class a column where the model takes classes."""
    classes = seeds % columns % generator.classes if generator.classes else None
    return served(generator, seeds, classes)


@torch.inference_mode()
def of_latents(generator: Generator, z: np.ndarray, classes: np.ndarray | None) -> Tensor:
    """Make the images of these latents (n, latent + codes): (n, C, S, S) uint8."""
    condition = None if classes is None else generator.embed(torch.from_numpy(classes))
    made = generator(torch.from_numpy(z.astype(np.float32)), condition)
    return torch.from_numpy(quantise(made)).permute(0, 3, 1, 2)
