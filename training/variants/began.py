"""BEGAN: Berthelot et al. 2017, "Boundary Equilibrium Generative Adversarial Networks"."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor

from training.data import Batch
from training.variant import HyperParameters, Losses, Task, Variant


class Hyper(HyperParameters):
    """The paper's values (§3.5, §4.1); widths are the channels nearest the image."""

    generator_width: int = Field(24, gt=0, le=4096, description="n, channels at the image (§3.5.1)")
    discriminator_width: int = Field(
        24, gt=0, le=4096, description="n, channels at the image (§3.5.1)"
    )
    generator_hidden: int = Field(0, ge=0, le=4096, description="another connected layer")
    discriminator_hidden: int = Field(0, ge=0, le=4096, description="another connected layer")
    code: int = Field(64, gt=0, le=4096, description="h, width of the auto-encoder's code (§3.5.1)")
    learning_rate: float = Field(1e-4, gt=0, description="Adam's alpha at the start (§4.1)")
    gamma: float = Field(0.5, ge=0, le=1, description="diversity ratio E[L(G(z))] / E[L(x)] (§3.3)")
    lambda_k: float = Field(1e-3, ge=0, description="rate of k (§3.4)")
    network: Literal["began", "dcgan"] = Field(
        "began", description="dcgan: the pair of the other variants, normalised over the batch"
    )
    patience: int = Field(
        2000, gt=0, description="steps without a lower M, after which rates are halved (§4.1)"
    )


class BEGAN(Variant):
    """The errors of an auto-encoder, their ratio kept at gamma by a controller (§3.4).

    D: min E[L(x)] - k E[L(G(z))], L(v) = |v - D(v)|   (equation 1)
    G: min E[L(G(z))]
    k <- k + lambda_k (gamma L(x) - L(G(z))), in [0, 1], from 0
    M = L(x) + |gamma L(x) - L(G(z))|, the measure of convergence (§3.4.1)
    """

    Hyper: ClassVar = Hyper
    verdict = "energy"
    generator_network = "began"
    discriminator_network = "began"

    k: Tensor
    m: Tensor
    best: Tensor

    def __init__(self, task: Task, hyper: Any) -> None:
        if hyper.network == "dcgan":
            self.generator_network, self.discriminator_network = "dcgan", "dcgan_autoencoder"
        super().__init__(task, hyper)
        self.register_buffer("k", torch.zeros(()))
        self.register_buffer("m", torch.zeros(()))  # M, summed over `patience` steps
        self.register_buffer("best", torch.full((), torch.finfo(torch.float32).max))

    def discriminator_arguments(self) -> dict[str, Any]:
        own = {"heads": {"energy": 1}, "code": self.hyper.code, "error": "absolute"}
        return super().discriminator_arguments() | own

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": self.error(real.images),
            "fake": -self.k * self.error(fake),
        }

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": self.error(self.generate(real.images))}

    def error(self, v: Tensor) -> Tensor:
        """Rebuild images and return the mean error L: (B, C, S, S) to ()."""
        return self.discriminator(v)["energy"].mean()

    @torch.no_grad()
    def after_step(self, terms: Losses) -> Losses:
        """Move k towards the balance of the two errors, and measure how far training is."""
        real, fake = terms["discriminator/real"], terms["generator/fool"]
        balance = self.hyper.gamma * real - fake
        self.k.add_(self.hyper.lambda_k * balance).clamp_(0, 1)
        M = real + balance.abs()
        self.m += M
        return {"k": self.k.clone(), "M": M}

    def schedule(self, step: int, optimisers: Mapping[str, torch.optim.Optimizer]) -> None:
        """Halve the rates where M, over the last `patience` steps, is no lower than before."""
        super().schedule(step, optimisers)
        stalled = step > 0 and step % self.hyper.patience == 0 and self.stalls()
        for group in (g for o in optimisers.values() for g in o.param_groups):
            # In the group, which a snapshot keeps, so that no step waits for the device to tell.
            group["halvings"] = group.get("halvings", 0) + stalled
            group["lr"] *= 0.5 ** group["halvings"]

    def stalls(self) -> bool:
        """Say whether M was no lower than the lowest before, and begin to sum it anew."""
        stalled = bool(self.m >= self.best)
        self.best.copy_(torch.minimum(self.best, self.m))
        self.m.zero_()
        return stalled
