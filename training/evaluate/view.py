"""View: a feature set, that is a network and what it sees in images."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from training.hardware import choose_autocast

Shape = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """What is seen in each of N images: features (N, F) and logits (N, K)."""

    features: Tensor
    logits: Tensor

    def classes(self) -> Tensor:
        """Name the class that each image is taken for: (N,) int64."""
        return self.logits.argmax(dim=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A network on `device`, given (B, C, S, S) uint8; its figures' names begin with `name`.

    `about` introduces it in a protocol; `class_names` are what the logits tell apart, and `shape`
    is what an image must be, None for any.
    """

    name: str
    about: str
    shape: Shape | None
    class_names: tuple[str, ...] = ()
    network: Callable[[Tensor], Look]
    device: torch.device
    batch: int

    @torch.inference_mode()
    def look(self, pixels: Tensor, *, precision: str = "fp32") -> Look:
        """Look at uint8 images (N, C, S, S); what is seen is float32 and on the CPU.

        `precision` is that of `training.hardware.choose_autocast`.
        """
        with choose_autocast(precision, self.device):
            parts = [self.network(part.to(self.device)) for part in pixels.split(self.batch)]
        return Look(
            features=torch.cat([part.features.float().cpu() for part in parts]),
            logits=torch.cat([part.logits.float().cpu() for part in parts]),
        )
