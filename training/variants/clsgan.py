"""Conditional LSGAN: Mao et al. 2016, "Least Squares Generative Adversarial Networks", §4.2."""

from typing import Any, ClassVar

from pydantic import Field

from training.data import Batch
from training.losses import away_from
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """What D aims at, and how wide the label's vector is that replaces thousands of one-hots."""

    embedding: int = Field(256, gt=0, le=4096, description="width of Phi(y) (§4.2)")
    a: float = Field(0.0, description="D's target for generated images (equation 9)")
    b: float = Field(1.0, description="D's target for real images (equation 9)")
    c: float = Field(1.0, description="what G wants D to say of its images (equation 9)")


class CLSGAN(Variant):
    """LSGAN with a label: Phi(y), a linear map of the one-hot y, joins both networks (§4.2).

    D: min 1/2 E[(D(x|Phi(y)) - b)^2] + 1/2 E[(D(G(z)|Phi(y)) - a)^2]   (equation 10)
    G: min 1/2 E[(D(G(z|Phi(y))|Phi(y)) - c)^2]
    """

    Hyper: ClassVar = Hyper
    verdict = "target"
    conditional = True
    discriminator_network = "clsgan"

    def discriminator_arguments(self) -> dict[str, Any]:
        labels = {"classes": self.task.classes, "embedding": self.hyper.embedding}
        return super().discriminator_arguments() | labels

    def discriminator_loss(self, real: Batch) -> Losses:
        y = real.labels
        fake = self.generate(real.images, y)
        return {
            "real": away_from(self.hyper.b, self.realness(real.images, y)),
            "fake": away_from(self.hyper.a, self.realness(fake, y)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        y = real.labels
        return {"fool": away_from(self.hyper.c, self.realness(self.generate(real.images, y), y))}
