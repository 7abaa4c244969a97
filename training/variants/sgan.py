"""SGAN: Odena 2016, "Semi-Supervised Learning with Generative Adversarial Networks"."""

from typing import Annotated, Any, ClassVar, Literal

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from training.data import Batch, Labelled
from training.losses import call_fake, call_real, name_class
from training.variant import HyperParameters, Losses, Task, Variant


class Hyper(HyperParameters):
    """`loss` is G's: Odena's minimax, its non-saturating form, or Salimans' feature matching."""

    labelled: Literal["all"] | Annotated[int, Field(gt=0)] = Field(
        "all", description="images whose labels are used; 100, … or all"
    )
    loss: Literal["nonsaturating", "minimax", "feature_matching"] = Field(
        "nonsaturating", description="the generator's (Algorithm 1; Salimans 2016, §3.1)"
    )
    noise: float = Field(0.1, ge=0, description="deviation added before D's layers")
    network: Literal["dcgan", "weight_norm"] = Field(
        "dcgan", description="weight_norm: fully connected, as for few labels (Salimans 2016, §5.1)"
    )


class SGAN(Variant):
    """D sorts images into the K classes of the data or, as class K + 1, the generated ones (§2).

    D: min CE(y, D(x)) of labelled x + E[-log(1 - D(K+1|x))] + E[-log D(K+1|G(z))]
    G: min E[-log(1 - D(K+1|G(z)))], or E[log D(K+1|G(z))], minimax, or |E f(x) - E f(G(z))|^2,
       feature matching, f the features that D's head is given

    D has K logits l, and l_(K+1) = 0: a softmax has one logit too many (Salimans 2016, §5). So
    1 - D(K+1|x) = sigmoid(log sum_k exp l_k).
    """

    Hyper: ClassVar = Hyper
    verdict = "classes"

    def __init__(self, task: Task, hyper: Any) -> None:
        if hyper.network == "weight_norm":
            self.generator_network, self.discriminator_network = "mlp", "weight_norm"
        super().__init__(task, hyper)

    @property
    def labelled(self) -> Labelled:
        return self.hyper.labelled

    def discriminator_arguments(self) -> dict[str, Any]:
        own = {"heads": {"classes": self.task.classes}, "noise": self.hyper.noise}
        return super().discriminator_arguments() | own

    def discriminator_loss(self, real: Batch) -> Losses:
        assert real.known is not None, "the variant asked for labels"
        fake = self.generate(real.images)
        return {
            "labels": name_class(F.pad(self.logits(real.known.images), (0, 1)), real.known.labels),
            "real": call_real(self.logits(real.images).logsumexp(1)),
            "fake": call_fake(self.logits(fake).logsumexp(1)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        if self.hyper.loss == "feature_matching":
            return {"features": self.mismatch(real.images, fake)}
        realness = self.logits(fake).logsumexp(1)
        if self.hyper.loss == "minimax":
            return {"minimax": -call_fake(realness)}
        return {"fool": call_real(realness)}

    def logits(self, x: Tensor) -> Tensor:
        """Sort images: (B, C, S, S) to the K logits l, (B, K)."""
        return self.discriminator(x)["classes"].float()

    def mismatch(self, real: Tensor, fake: Tensor) -> Tensor:
        """Say how far D's mean features of generated images are from those of real ones."""
        f = self.discriminator.features
        return (f(real).float().mean(0) - f(fake).float().mean(0)).square().sum()
