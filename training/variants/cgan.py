"""CGAN: Mirza and Osindero 2014, "Conditional Generative Adversarial Nets"."""

from typing import Any

from training.data import Batch
from training.losses import call_fake, call_real
from training.variant import Losses, Variant


class CGAN(Variant):
    """Both networks are given the label y of the data (§3.2, equation 2).

    D: min E[-log D(x|y)] + E[-log(1 - D(G(z|y)|y))]
    G: min E[-log D(G(z|y)|y)]
    """

    conditional = True

    def discriminator_arguments(self) -> dict[str, Any]:
        return super().discriminator_arguments() | {"classes": self.task.classes}

    def discriminator_loss(self, real: Batch) -> Losses:
        y = real.labels
        fake = self.generate(real.images, y)
        return {
            "real": call_real(self.realness(real.images, y)),
            "fake": call_fake(self.realness(fake, y)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        y = real.labels
        return {"fool": call_real(self.realness(self.generate(real.images, y), y))}
