"""LSGAN: Mao et al. 2016, "Least Squares Generative Adversarial Networks"."""

from typing import ClassVar

from pydantic import Field

from training.data import Batch
from training.losses import away_from
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """What D aims at; (-1, 1, 0) instead minimises Pearson's chi-squared divergence (§3.3)."""

    a: float = Field(0.0, description="D's target for generated images (equation 9)")
    b: float = Field(1.0, description="D's target for real images (equation 9)")
    c: float = Field(1.0, description="what G wants D to say of its images (equation 9)")


class LSGAN(Variant):
    """Squares instead of logarithms, so that a sample far on the right side still counts (§3.2).

    D: min 1/2 E[(D(x) - b)^2] + 1/2 E[(D(G(z)) - a)^2]   (equation 2), D's raw output
    G: min 1/2 E[(D(G(z)) - c)^2]
    """

    Hyper: ClassVar = Hyper
    verdict = "target"

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": away_from(self.hyper.b, self.realness(real.images)),
            "fake": away_from(self.hyper.a, self.realness(fake)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {"fool": away_from(self.hyper.c, self.realness(fake))}
