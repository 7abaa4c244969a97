"""DRAGAN: Kodali et al. 2017, "On Convergence and Stability of GANs"."""

from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import Tensor

from training.data import Batch
from training.losses import call_fake, call_real
from training.penalties import gradient_norm, hinged, near, near_normal, squared, two_sided
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The paper's values (§2.3); the noise is that of the authors' code, or the paper's."""

    learning_rate: float = Field(1e-4, gt=0, description="Adam's alpha (authors' code)")
    beta2: float = Field(0.9, ge=0, lt=1, description="Adam's beta 2 (authors' code)")
    lambda_: float = Field(10.0, ge=0, description="weight of the penalty (Algorithm 1)")
    k: float = Field(1.0, ge=0, description="the norm that is aimed at (Algorithm 1)")
    noise: Literal["uniform", "normal"] = Field(
        "uniform", description="uniform: half a deviation of the batch; normal: N(0, c I) (§2.3)"
    )
    c: float = Field(10 / 255, gt=0, description="deviation of the normal noise (§2.3)")
    penalty: Literal["two_sided", "hinge", "squared"] = Field(
        "two_sided", description="(|g| - k)^2, max(0, |g|^2 - k) or |g|^2"
    )
    norm: Literal["none", "layer"] = Field("none", description="the discriminator's")


class DRAGAN(Variant):
    """The first GAN, with D kept smooth around the real images, where it matters (§2.3).

    D: min E[-log D(x)] + E[-log(1 - D(G(z)))] + lambda E[(||grad D(x + delta)|| - k)^2]
    G: min E[-log D(G(z))]; the gradient is that of D's logit
    """

    Hyper: ClassVar = Hyper

    def discriminator_arguments(self) -> dict[str, Any]:
        return super().discriminator_arguments() | {"norm": self.hyper.norm}

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        norm = gradient_norm(self.realness, self.neighbours(real.images))
        return {
            "real": call_real(self.realness(real.images)),
            "fake": call_fake(self.realness(fake)),
            "penalty": self.hyper.lambda_ * self.penalise(norm),
        }

    def neighbours(self, x: Tensor) -> Tensor:
        """Move each real image a little: (B, C, S, S) to the same."""
        return near_normal(x, self.hyper.c) if self.hyper.noise == "normal" else near(x)

    def penalise(self, norm: Tensor) -> Tensor:
        match self.hyper.penalty:
            case "hinge":
                return hinged(norm, self.hyper.k)
            case "squared":
                return squared(norm)
        return two_sided(norm, self.hyper.k)

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": call_real(self.realness(self.generate(real.images)))}
