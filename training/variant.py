"""Variant: what one paper says, and nothing of how it is run.

A file in `training/variants/` holds one subclass. The loop gives it real batches, steps the
optimisers and decides who learns: in a discriminator's step only `discriminator_parameters`
require gradients, in a generator's only `generator_parameters`, so a loss never has to detach.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from models import networks
from models.card import HEADS, Codes, Verdict
from models.errors import UserError
from training.data import Batch, Labelled

Losses = Mapping[str, Tensor]
"""Named terms, each a scalar; their sum is minimised."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What the data asks of the networks; `classes` is 0 where it has no labels."""

    channels: int
    size: int
    classes: int


class HyperParameters(BaseModel):
    """What `--set` may change; a variant narrows or adds to it and cites its paper."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    latent: int = Field(64, gt=0, le=4096, description="width of z")
    embedding: int = Field(32, gt=0, le=4096, description="width of a label's embedding")
    generator_width: int = Field(32, gt=0, le=4096, description="channels nearest the image")
    discriminator_width: int = Field(32, gt=0, le=4096, description="channels nearest the image")
    generator_hidden: int = Field(192, ge=0, le=4096, description="a layer before G's maps")
    discriminator_hidden: int = Field(192, ge=0, le=4096, description="a layer before D's heads")
    learning_rate: float = Field(2e-4, gt=0, description="Adam's alpha (DCGAN, §4)")
    generator_learning_rate: float | None = Field(
        None, gt=0, description="the generator's alpha, where it is not the discriminator's"
    )
    decay: int = Field(
        0, ge=0, description="generator steps over which the rates fall on a line to 0; 0 is never"
    )
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's beta 1 (DCGAN, §4)")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam's beta 2 (Adam, Algorithm 1)")


class Variant(nn.Module, ABC):
    """One paper's losses over one pair of networks; its own state is in buffers."""

    Hyper: ClassVar[type[HyperParameters]] = HyperParameters
    conditional: ClassVar[bool] = False
    generator_network: str = "dcgan"
    discriminator_network: str = "dcgan"
    verdict: ClassVar[Verdict] = "probability"
    batch: ClassVar[int] = 64
    epochs: ClassVar[float] = 15

    def __init__(self, task: Task, hyper: HyperParameters) -> None:
        super().__init__()
        self.task = task
        self.hyper: Any = hyper
        self.generator: Any
        self.discriminator: Any
        if (self.conditional or self.labelled) and not task.classes:
            raise UserError(
                f"{type(self).__name__} learns classes but the data has no labels: bring a "
                "folder with one sub-folder a class (of splits, each with these), or choose an "
                "unconditional variant"
            )
        self.generator = networks.build(
            networks.GENERATORS, self.generator_network, self.generator_arguments()
        )
        arguments = self.discriminator_arguments()
        if HEADS[self.verdict] not in arguments["heads"]:  # else its card failed, after training
            raise ValueError(
                f"{type(self).__name__}'s verdict is {self.verdict}, of a head "
                f"{HEADS[self.verdict]}: its heads are {', '.join(arguments['heads'])}"
            )
        self.discriminator = networks.build(
            networks.DISCRIMINATORS, self.discriminator_network, arguments
        )

    @property
    def labelled(self) -> Labelled:
        """How many images `Batch.known`, with labels that a loss may use, is drawn from."""
        return 0

    @property
    def codes(self) -> Codes | None:
        """Describe the codes that the generator is given behind z."""
        return None

    @abstractmethod
    def discriminator_loss(self, real: Batch) -> Losses:
        """Return the terms that the discriminator minimises."""

    @abstractmethod
    def generator_loss(self, real: Batch) -> Losses:
        """Return the terms that the generator minimises."""

    def generator_arguments(self) -> dict[str, Any]:
        """List the arguments that rebuild the generator."""
        labels = {"classes": self.task.classes, "embedding": self.hyper.embedding}
        return {
            "channels": self.task.channels,
            "size": self.task.size,
            "latent": self.hyper.latent,
            "width": self.hyper.generator_width,
            "hidden": self.hyper.generator_hidden,
            **(labels if self.conditional else {}),
            **({"codes": self.codes.model_dump()} if self.codes else {}),
        }

    def discriminator_arguments(self) -> dict[str, Any]:
        """List the arguments that rebuild the discriminator."""
        return {
            "channels": self.task.channels,
            "size": self.task.size,
            "width": self.hyper.discriminator_width,
            "hidden": self.hyper.discriminator_hidden,
            "heads": {"realness": 1},
        }

    def draw_latent(self, like: Tensor) -> Tensor:
        """Draw a fresh z for each row of `like`, on its device: (B, latent)."""
        return torch.randn(len(like), self.hyper.latent, device=like.device)

    def generate(self, like: Tensor, labels: Tensor | None = None) -> Tensor:
        """Make as many images as there are rows in `like`, on its device, from fresh z."""
        condition = None if labels is None else self.generator.embed(labels)
        return self.generator(self.draw_latent(like), condition)

    def realness(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Judge images: (B, C, S, S) to logits (B,)."""
        return self.discriminator(x, labels)["realness"]

    def critic_steps(self, step: int) -> int:
        """Say how many discriminator steps precede the generator's at `step`."""
        return 1

    def schedule(self, step: int, optimisers: Mapping[str, torch.optim.Optimizer]) -> None:
        """Set the rates of the generator step `step`; a paper's own schedule overrides this."""
        for name, optimiser in optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = self.rate(name) * self.left(step)

    def left(self, step: int) -> float:
        """Return what share of the rates the decay has left."""
        return max(0.0, 1 - step / self.hyper.decay) if self.hyper.decay else 1.0

    def after_discriminator_step(self) -> None:
        """Do what a paper does to its own weights after each discriminator step."""

    def after_step(self, terms: Losses) -> Losses:
        """Move the paper's own state by a whole step's terms, and return what else to record.

        `terms` are named as in the journal: `discriminator/real`, `generator/fool`.
        """
        return {}

    def discriminator_parameters(self) -> Iterable[nn.Parameter]:
        """List what the discriminator's optimiser steps."""
        return self.discriminator.parameters()

    def generator_parameters(self) -> Iterable[nn.Parameter]:
        """List what the generator's optimiser steps."""
        return self.generator.parameters()

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """Make the two optimisers; a paper that uses another kind overrides `optimiser`."""
        groups = {
            "discriminator": self.discriminator_parameters(),
            "generator": self.generator_parameters(),
        }
        return {name: self.optimiser(group, self.rate(name)) for name, group in groups.items()}

    def optimiser(self, group: Iterable[nn.Parameter], rate: float) -> torch.optim.Optimizer:
        """Make the optimiser of one network; fused steps all weights in one call."""
        return torch.optim.Adam(group, rate, (self.hyper.beta1, self.hyper.beta2), fused=True)

    def rate(self, network: str) -> float:
        """Return the rate that a network begins with."""
        own = self.hyper.generator_learning_rate if network == "generator" else None
        return own or self.hyper.learning_rate
