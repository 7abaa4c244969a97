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
        held = [  # what float32 holds a file may not
            (f"the weights {name} are not finite in float16", weight.half())
            for name, weight in state.variant.named_parameters()
        ]
        for name, optimiser in state.optimisers.items():
            tensors = (t for kept in optimiser.state.values() for t in kept.values())
            wrong = f"the moments of the {name}'s optimiser are not finite"
            held += [(wrong, tensor) for tensor in tensors if tensor.dim()]
        finite = torch.stack([t.isfinite().all() for _, t in held]).tolist()  # one wait for all
        for (wrong, _), fine in zip(held, finite, strict=True):
            if not fine:
                raise DivergedError(f"{wrong} after step {state.step}")
