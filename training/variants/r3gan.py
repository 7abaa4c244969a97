"""R3GAN: Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern GAN Baseline"."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import Field

from training.data import Batch
from training.losses import call_real
from training.penalties import gradient_norm, squared
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The paper's values for CIFAR-10, each from its first to its last along a cosine (Table 7)."""

    learning_rate: float = Field(2e-4, gt=0, description="Adam's alpha at the start (Table 7)")
    last_learning_rate: float = Field(5e-5, gt=0, description="Adam's alpha at the end (Table 7)")
    beta1: float = Field(0.0, ge=0, lt=1, description="Adam's beta 1 (Table 7)")
    beta2: float = Field(0.9, ge=0, lt=1, description="Adam's beta 2 at the start (Table 7)")
    last_beta2: float = Field(0.99, ge=0, lt=1, description="Adam's beta 2 at the end (Table 7)")
    gamma: float = Field(0.05, ge=0, description="weight of R1 and R2 at the start (Table 7)")
    last_gamma: float = Field(0.005, ge=0, description="weight of R1 and R2 at the end (Table 7)")
    burn_in: int = Field(10_000, gt=0, description="steps from start to end (Table 7, in images)")


class R3GAN(Variant):
    """D has to call a real image more real than a generated one, and to be flat at both (§2).

    D: min E[softplus(D(G(z)) - D(x))] + gamma/2 (R1 + R2)   (equation 2, f(t) = -log(1 + e^-t))
    G: min E[softplus(D(x) - D(G(z)))]
    R1 = E[||grad D(x)||^2] at real images, R2 the same at generated ones (equations 3 and 4)
    """

    Hyper: ClassVar = Hyper
    verdict = "critic"
    done = 0.0

    def discriminator_arguments(self) -> dict[str, Any]:
        return super().discriminator_arguments() | {"norm": "none"}

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        R1 = squared(gradient_norm(self.realness, real.images))
        R2 = squared(gradient_norm(self.realness, fake))
        return {
            "pair": call_real(self.realness(real.images) - self.realness(fake)),
            "penalty": 0.5 * self.between("gamma") * (R1 + R2),
        }

    def generator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {"pair": call_real(self.realness(fake) - self.realness(real.images))}

    def schedule(self, step: int, optimisers: Mapping[str, torch.optim.Optimizer]) -> None:
        """Move all rates along the cosine (§3.5)."""
        self.done = min(1.0, step / self.hyper.burn_in)
        super().schedule(step, optimisers)
        for group in (g for o in optimisers.values() for g in o.param_groups):
            group["betas"] = (self.hyper.beta1, self.between("beta2"))

    def left(self, step: int) -> float:
        return super().left(step) * self.between("learning_rate") / self.hyper.learning_rate

    def between(self, name: str) -> float:
        """Return where a value is, of its way from its first to its last."""
        first, last = getattr(self.hyper, name), getattr(self.hyper, f"last_{name}")
        return last + (first - last) * (1 + math.cos(math.pi * self.done)) / 2
