"""CatGAN: Springenberg 2015, "Unsupervised and Semi-supervised Learning with Categorical GANs"."""

import math
from typing import Any, ClassVar

from pydantic import Field
from torch import Tensor

from training.augmentation import distorted
from training.data import Batch, Labelled
from training.losses import name_class
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """The entropy of p(y) is a statistic of the batch: one of 100 images or more is wanted."""

    beta2: float = Field(0.9, ge=0, lt=1, description="Adam's beta 2")
    labelled: Labelled = Field("all", description="images whose labels are used; 0, 100, … or all")
    categories: int = Field(
        0, ge=0, le=4096, description="K, what D tells apart; 0 is the data's classes, or 10 (§3)"
    )
    lambda_: float = Field(1.0, ge=0, description="weight of the labels (equation 10)")
    distort: float = Field(
        0.0, ge=0, le=1, description="how far distorted D has to sort images alike; 0: the paper's"
    )
    noise: float = Field(0.1, ge=0, description="deviation added before D's layers (Appendix B)")


class CatGAN(Variant):
    """D sorts real images into K categories, surely and evenly, and is unsure of G's (§3).

    H is the entropy, p(y) the mean of p(y|x) over the batch.
    D: min -H[p(y)] + E[H[p(y|x)]] - E[H[p(y|G(z))]] + lambda CE(y, p(y|x)) of labelled x
    G: min -H_G[p(y)] + E[H[p(y|G(z))]]   (equations 7 and 10)
    """

    Hyper: ClassVar = Hyper
    verdict = "certainty"
    batch: ClassVar[int] = 128

    @property
    def labelled(self) -> Labelled:
        return 0 if self.hyper.labelled == "all" and not self.task.classes else self.hyper.labelled

    def discriminator_arguments(self) -> dict[str, Any]:
        K = self.hyper.categories or self.task.classes or 10
        own = {"heads": {"classes": K}, "noise": self.hyper.noise}
        return super().discriminator_arguments() | own

    def discriminator_loss(self, real: Batch) -> Losses:
        on_real = self.logits(real.images)
        on_fake = self.logits(self.generate(real.images))
        losses = {
            "marginal": -marginal_entropy(on_real),
            "sure": self.unsureness(on_real, real.images),
            "unsure": -entropy(on_fake),
        }
        if real.known is not None:
            on_known = self.logits(distorted(real.known.images, self.hyper.distort))
            losses["labels"] = self.hyper.lambda_ * name_class(on_known, real.known.labels)
        return losses

    def generator_loss(self, real: Batch) -> Losses:
        on_fake = self.logits(self.generate(real.images))
        return {"marginal": -marginal_entropy(on_fake), "sure": entropy(on_fake)}

    def unsureness(self, on_real: Tensor, images: Tensor) -> Tensor:
        """Return H[p(y|x)] or, with `distort`, H[p(y|x), p(y|x')] of x and x distorted.

        Which is H[p(y|x)] + KL(p(y|x) || p(y|x')): an image is sorted surely, and as it was before.
        """
        if not self.hyper.distort:
            return entropy(on_real)
        return cross_entropy(on_real, self.logits(distorted(images, self.hyper.distort)))

    def logits(self, x: Tensor) -> Tensor:
        """Sort images: (B, C, S, S) to logits (B, K)."""
        return self.discriminator(x)["classes"]


def entropy(logits: Tensor) -> Tensor:
    """Say how unsure the answers are: E[H[p(y|x)]], (B, K) to ()."""
    return cross_entropy(logits, logits)


def cross_entropy(p: Tensor, q: Tensor) -> Tensor:
    """Say how far the answers q are from p, and p from being sure: E[H[p, q]], two (B, K) to ()."""
    return -(p.float().softmax(1) * q.float().log_softmax(1)).sum(1).mean()


def marginal_entropy(logits: Tensor) -> Tensor:
    """Say how evenly the categories are used: H[E[p(y|x)]], (B, K) to ()."""
    log_p = logits.float().log_softmax(1)
    log_mean = log_p.logsumexp(0) - math.log(len(logits))
    return -(log_mean.exp() * log_mean).sum()
