"""DCGAN: Radford et al. 2015, "Unsupervised Representation Learning with DCGANs"."""

from training.data import Batch
from training.losses import call_fake, call_real
from training.variant import Losses, Variant


class DCGAN(Variant):
    """The non-saturating GAN on convolutions with batch normalisation (§3).

    D: min E[-log D(x)] + E[-log(1 - D(G(z)))]
    G: min E[-log D(G(z))]
    """

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": call_real(self.realness(real.images)),
            "fake": call_fake(self.realness(fake)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": call_real(self.realness(self.generate(real.images)))}
