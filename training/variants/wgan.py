"""WGAN: Arjovsky et al. 2017, "Wasserstein GAN"."""

from collections.abc import Iterable
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import nn

from training.data import Batch
from training.variant import HyperParameters, Losses, Variant

MANY = 100


class Hyper(HyperParameters):
    """The paper's values (Algorithm 1); in the authors' code the critic also warms up."""

    learning_rate: float = Field(5e-5, gt=0, description="RMSProp's alpha (Algorithm 1)")
    clip: float = Field(0.01, gt=0, description="largest weight of the critic (Algorithm 1)")
    n_critic: int = Field(5, gt=0, description="critic steps a generator step (Algorithm 1)")
    norm: str = Field(
        "batch", pattern="^(none|layer|batch)$", description="the critic's (authors' code)"
    )
    warm_up: int = Field(
        0, ge=0, description="first generator steps with 100 critic steps (25 in authors' code)"
    )
    catch_up: int = Field(
        0, ge=0, description="every so many steps 100 critic steps again (500 in authors' code)"
    )


class WGAN(Variant):
    """The critic estimates the distance of Wasserstein; clipping keeps its slope bounded (§3).

    D: min E[D(G(z))] - E[D(x)], then w <- clip(w, -c, c)   (equation 3, Algorithm 1)
    G: min -E[D(G(z))]
    """

    Hyper: ClassVar = Hyper
    verdict = "critic"

    def discriminator_arguments(self) -> dict[str, Any]:
        return super().discriminator_arguments() | {"norm": self.hyper.norm}

    def critic_steps(self, step: int) -> int:
        again = self.hyper.catch_up and step % self.hyper.catch_up == 0
        return MANY if again or step < self.hyper.warm_up else self.hyper.n_critic

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "fake": self.realness(fake).float().mean(),
            "real": -self.realness(real.images).float().mean(),
        }

    @torch.no_grad()
    def after_discriminator_step(self) -> None:
        """Clip every weight of the critic."""
        for weight in self.discriminator.parameters():
            weight.clamp_(-self.hyper.clip, self.hyper.clip)

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": -self.realness(self.generate(real.images)).float().mean()}

    def optimiser(self, group: Iterable[nn.Parameter], rate: float) -> torch.optim.Optimizer:
        """Use RMSProp: momentum made training unstable, for the critic's loss moves (§4)."""
        return torch.optim.RMSprop(group, rate)
