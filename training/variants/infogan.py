"""InfoGAN: Chen et al. 2016, "Interpretable Representation Learning by Information Maximizing"."""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from models.card import Codes
from training.augmentation import distorted
from training.data import Batch
from training.losses import call_fake, call_real
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The paper's values for MNIST (§7.2, Appendix C.1)."""

    categorical: int = Field(10, gt=1, le=4096, description="values of the categorical code (C.1)")
    continuous: int = Field(2, ge=0, le=64, description="continuous codes, U(-1, 1) (C.1)")
    lambda_categorical: float = Field(1.0, ge=0, description="weight of its information (§7.2)")
    lambda_continuous: float = Field(0.1, ge=0, description="weight of theirs (authors' code: 1)")
    generator_learning_rate: float | None = Field(1e-3, gt=0, description="Adam's alpha of G (C.1)")
    distort: float = Field(
        0.0, ge=0, le=1, description="how far images are distorted for Q; 0: the paper's"
    )
    code_hidden: int = Field(128, gt=0, le=4096, description="Q's own layer (C.1)")


class INFOGAN(Variant):
    """G is given codes c beside z, and Q, on D's trunk, has to read them off the image (§5).

    D: min E[-log D(x)] + E[-log(1 - D(G(z,c)))] - lambda L_I(G, Q), and so Q   (equation 6)
    G: min E[-log D(G(z,c))] - lambda L_I(G, Q)
    L_I = E[log Q(c|G(z,c))] + H(c); H(c), a constant, is left out (equation 5)
    """

    Hyper: ClassVar = Hyper

    @property
    def codes(self) -> Codes:
        return Codes(categorical=(self.hyper.categorical,), continuous=self.hyper.continuous)

    def discriminator_arguments(self) -> dict[str, Any]:
        own = {
            "heads": {"realness": 1, "codes": self.codes.width},
            "head_hidden": {"codes": self.hyper.code_hidden},
        }
        return super().discriminator_arguments() | own

    def draw_latent(self, like: Tensor) -> Tensor:
        """Draw z and, behind it, the codes: (B, latent + codes)."""
        count, device = len(like), like.device
        value = torch.randint(self.hyper.categorical, (count,), device=device)
        categorical = F.one_hot(value, self.hyper.categorical).float()
        continuous = 2 * torch.rand(count, self.hyper.continuous, device=device) - 1
        return torch.cat([super().draw_latent(like), categorical, continuous], dim=1)

    def discriminator_loss(self, real: Batch) -> Losses:
        latent = self.draw_latent(real.images)
        fake = self.generator(latent)
        on_fake = self.discriminator(fake)
        return {
            "real": call_real(self.realness(real.images)),
            "fake": call_fake(on_fake["realness"]),
            **self.ignorance(self.read(fake, on_fake["codes"]), latent),
        }

    def generator_loss(self, real: Batch) -> Losses:
        latent = self.draw_latent(real.images)
        fake = self.generator(latent)
        on_fake = self.discriminator(fake)
        return {
            "fool": call_real(on_fake["realness"]),
            **self.ignorance(self.read(fake, on_fake["codes"]), latent),
        }

    def read(self, fake: Tensor, q: Tensor) -> Tensor:
        """Return what Q says of images: q or, with `distort`, in part of the distorted ones.

        It has to know their categorical code, so that slant, width or thickness cannot be what
        tells codes apart, and what is left are the kinds of things that there are. The continuous
        ones may be just these.
        """
        if not self.hyper.distort:
            return q
        named = self.discriminator(distorted(fake, self.hyper.distort))["codes"]
        count = self.hyper.categorical
        return torch.cat([named[:, :count], q[:, count:]], dim=1)

    def ignorance(self, q: Tensor, latent: Tensor) -> Losses:
        """Cost of what Q does not know of the codes behind z: -lambda E[log Q(c|x)], by kind.

        A continuous code's Q is a normal of mean q and deviation 1, without its constant: a fixed
        deviation is a weight, which lambda already is (C, first paragraph).
        """
        count = self.hyper.categorical
        c = latent[:, self.hyper.latent :]
        categorical = F.cross_entropy(q[:, :count].float(), c[:, :count])
        continuous = 0.5 * (q[:, count:].float() - c[:, count:]).square().sum(1).mean()
        return {
            "categorical": self.hyper.lambda_categorical * categorical,
            "continuous": self.hyper.lambda_continuous * continuous,
        }
