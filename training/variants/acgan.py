"""ACGAN: Odena et al. 2016, "Conditional Image Synthesis with Auxiliary Classifier GANs"."""

from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from training.data import Batch
from training.losses import call_fake, call_real, name_class
from training.variant import HyperParameters, Losses, Variant


class Hyper(HyperParameters):
    """One value is not the paper's: with `fake_class` 1, D learns to read the class off the
    generator's own habits, and after 6 epochs of MNIST an asked 8 was a 9 that both called an 8
    (85 % agreement with an independent classifier, 95 % with 0, all else alike).
    """

    fake_class: float = Field(
        0.0, ge=0, description="weight of D's class loss on generated images (1 in equation 3)"
    )


class ACGAN(Variant):
    """The discriminator also names the class, of real and of generated images (§3).

    L_S = E[log P(S=real|x)] + E[log P(S=fake|G(z,c))]   (equation 2)
    L_C = E[log P(C=y|x)] + fake_class E[log P(C=c|G(z,c))]   (equation 3), c uniform
    D: max L_S + L_C;   G: max L_C - L_S, with the non-saturating form of L_S
    """

    Hyper: ClassVar = Hyper
    conditional = True

    def discriminator_arguments(self) -> dict[str, Any]:
        heads = {"realness": 1, "classes": self.task.classes}
        return super().discriminator_arguments() | {"heads": heads}

    def discriminator_loss(self, real: Batch) -> Losses:
        c = self.draw_classes(real.images)
        on_real = self.discriminator(real.images)
        on_fake = self.discriminator(self.generate(real.images, c))
        return {
            "real": call_real(on_real["realness"]),
            "fake": call_fake(on_fake["realness"]),
            "real_class": name_class(on_real["classes"], real.labels),
            "fake_class": self.hyper.fake_class * name_class(on_fake["classes"], c),
        }

    def generator_loss(self, real: Batch) -> Losses:
        c = self.draw_classes(real.images)
        on_fake = self.discriminator(self.generate(real.images, c))
        return {
            "fool": call_real(on_fake["realness"]),
            "class": name_class(on_fake["classes"], c),
        }

    def draw_classes(self, like: Tensor) -> Tensor:
        """Draw one class for each row of `like`, all classes alike: (B,)."""
        return torch.randint(self.task.classes, (len(like),), device=like.device)
