"""GAN: Goodfellow et al. 2014, "Generative Adversarial Nets"."""

from typing import ClassVar, Literal

from pydantic import Field

from training.data import Batch
from training.losses import call_fake, call_real
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """Each network has two layers; `loss` chooses the generator's objective."""

    generator_width: int = Field(512, gt=0, le=4096, description="the layer nearest the image")
    generator_hidden: int = Field(256, gt=0, le=4096, description="the layer at z")
    discriminator_width: int = Field(512, gt=0, le=4096, description="the layer nearest the image")
    discriminator_hidden: int = Field(256, gt=0, le=4096, description="the layer before D's heads")
    loss: Literal["nonsaturating", "minimax"] = Field(
        "nonsaturating", description="the generator's objective (§3)"
    )


class GAN(Variant):
    """The first one, fully connected.

    D: min E[-log D(x)] + E[-log(1 - D(G(z)))]   (equation 1)
    G: min E[-log D(G(z))], non-saturating, or min E[log(1 - D(G(z)))], minimax   (§3)
    """

    Hyper: ClassVar = Hyper
    generator_network = "mlp"
    discriminator_network = "mlp"

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": call_real(self.realness(real.images)),
            "fake": call_fake(self.realness(fake)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        logits = self.realness(self.generate(real.images))
        if self.hyper.loss == "minimax":
            return {"minimax": -call_fake(logits)}
        return {"fool": call_real(logits)}
