"""Divergence: the first step at which a term, a weight or a moment was no longer a number."""

import torch

from models.errors import UserError
from training.loop import Metrics, State


class DivergedError(UserError):
    """A run whose numbers no longer are any; what was saved is from before."""


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

    def check(self, state: State) -> None:
        """Raise DivergedError, which says what and when, unless all has been finite up to here."""
        found = [(at, name) for at, name in zip(self.first.tolist(), self.names, strict=True) if at]
        if found:
            at, name = min(found)
            raise DivergedError(f"{name} is not finite at step {at}")
        for name, weight in state.variant.named_parameters():
            if not weight.half().isfinite().all():  # what float32 holds a file may not
                raise DivergedError(
                    f"the weights {name} are not finite in float16 after step {state.step}"
                )
        for name, optimiser in state.optimisers.items():
            if not all(
                t.isfinite().all() for kept in optimiser.state.values() for t in kept.values()
            ):
                raise DivergedError(
                    f"the moments of the {name}'s optimiser are not finite after step {state.step}"
                )
