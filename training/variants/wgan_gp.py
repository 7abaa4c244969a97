"""WGAN-GP: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs"."""

from typing import Any, ClassVar

from pydantic import Field

from training.data import Batch
from training.penalties import between, gradient_norm, two_sided
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The paper's values; the critic is not normalised over the batch (§4)."""

    learning_rate: float = Field(1e-4, gt=0, description="Adam's alpha (Algorithm 1)")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's beta 1 (author's code; 0 in §4)")
    beta2: float = Field(0.9, ge=0, lt=1, description="Adam's beta 2 (Algorithm 1)")
    lambda_: float = Field(10.0, ge=0, description="weight of the penalty (Algorithm 1)")
    n_critic: int = Field(5, gt=0, description="critic steps a generator step (Algorithm 1)")
    norm: str = Field("none", pattern="^(none|layer)$", description="the critic's (§4)")


class WGANGP(Variant):
    """The Wasserstein critic, kept near 1-Lipschitz by a penalty on its gradient (equation 3).

    D: min E[D(G(z))] - E[D(x)] + lambda E[(||grad D(x^)||_2 - 1)^2], x^ between x and G(z)
    G: min -E[D(G(z))]
    """

    Hyper: ClassVar = Hyper
    verdict = "critic"

    def discriminator_arguments(self) -> dict[str, Any]:
        return super().discriminator_arguments() | {"norm": self.hyper.norm}

    def critic_steps(self, step: int) -> int:
        return self.hyper.n_critic

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        norm = gradient_norm(self.realness, between(real.images, fake))
        return {
            "fake": self.realness(fake).float().mean(),
            "real": -self.realness(real.images).float().mean(),
            "penalty": self.hyper.lambda_ * two_sided(norm),
        }

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": -self.realness(self.generate(real.images)).float().mean()}
