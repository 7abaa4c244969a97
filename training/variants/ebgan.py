"""EBGAN: Zhao et al. 2016, "Energy-based Generative Adversarial Network"."""

from typing import Any, ClassVar, Literal

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from training.data import Batch
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The energy is the mean squared error of a pixel, pixels in [-1, 1], and the margin is in it.

    Without normalisation all codes point the same way at first, where the pulling-away term has no
    slope: G collapses (MNIST, in-domain distance above 90 at every margin, weight and rate tried).
    """

    discriminator_hidden: int = Field(0, ge=0, le=4096, description="a layer beside the code")
    margin: float = Field(
        0.15, gt=0, description="energy above which a generated image costs D nothing (equation 1)"
    )
    pulling_away: float = Field(1.0, ge=0, description="weight of the PT; 0 is without (§2.4)")
    warm_up: int = Field(
        0, ge=0, description="discriminator steps before the generator's first (not in the paper)"
    )
    code: int = Field(64, gt=1, le=4096, description="width of the auto-encoder's code")
    norm: Literal["batch", "none"] = Field("batch", description="the auto-encoder's")


class EBGAN(Variant):
    """D is an auto-encoder, and an image is as real as it is easily rebuilt (§2.3).

    D: min E[D(x)] + E[[m - D(G(z))]^+]   (equation 1), the hinge of each image
    G: min E[D(G(z))] + pulling_away f_PT(S)   (equations 2 and 4), S the codes of G(z)
    """

    Hyper: ClassVar = Hyper
    verdict = "energy"
    discriminator_network = "dcgan_autoencoder"

    def discriminator_arguments(self) -> dict[str, Any]:
        own = {
            "heads": {"energy": 1},
            "code": self.hyper.code,
            "error": "squared",
            "norm": self.hyper.norm,
        }
        return super().discriminator_arguments() | own

    def critic_steps(self, step: int) -> int:
        """Let D learn to rebuild first: G collapses onto what an untrained D gives for anything."""
        return 1 + self.hyper.warm_up if step == 0 else 1

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": self.energy(real.images).mean(),
            "fake": F.relu(self.hyper.margin - self.energy(fake)).mean(),
        }

    def generator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        codes = self.discriminator.encoder(fake)
        rebuilt = self.discriminator.decoder(codes)
        return {
            "fool": self.discriminator.energy(fake, rebuilt).mean(),
            "pull": self.hyper.pulling_away * pulling_away(codes),
        }

    def energy(self, x: Tensor) -> Tensor:
        """Judge images: (B, C, S, S) to energies (B,)."""
        return self.discriminator(x)["energy"]


def pulling_away(codes: Tensor) -> Tensor:
    """Say how alike codes are: the mean squared cosine of each two, (B, H) to () (equation 4).

    f_PT(S) = 1 / (N (N - 1)) sum_i sum_(j != i) (S_i . S_j / (|S_i| |S_j|))^2
    """
    directions = F.normalize(codes.float(), dim=1)
    cosines = directions @ directions.T  # (B, B), 1 on the diagonal
    count = len(codes)
    return (cosines.square().sum() - cosines.diagonal().square().sum()) / (count * (count - 1))
