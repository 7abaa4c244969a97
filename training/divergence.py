"""Divergence: the first step at which a term or a weight was no longer a number."""

import torch
from torch import nn

from models.errors import UserError
from training.loop import Metrics


class DivergedError(UserError):
    """A run whose terms or weights are no longer numbers; what was saved is from before."""


class Watch:
    """Look at every step's terms without waiting for the device; ask it seldom."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.first = torch.empty(0)  # (terms,), the step at which each stopped being finite, or 0

    def look(self, metrics: Metrics, step: int) -> None:
        """Note which terms of this step are not finite."""
        values = torch.stack([value.float() for value in metrics.values()])  # (terms,)
        if not self.names:
            self.names = tuple(metrics)
            self.first = torch.zeros(len(values), dtype=torch.long, device=values.device)
        self.first = self.first.where(values.isfinite() | (self.first > 0), step)

    def check(self, variant: nn.Module, step: int) -> None:
        """Raise DivergedError, which names term and step, unless all has been finite up to here."""
        found = [(at, name) for at, name in zip(self.first.tolist(), self.names, strict=True) if at]
        if found:
            at, name = min(found)
            raise DivergedError(f"{name} is not finite at step {at}")
        for name, weight in variant.named_parameters():
            if not weight.isfinite().all():
                raise DivergedError(f"the weights {name} are not finite after step {step}")
