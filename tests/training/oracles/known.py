"""Distributions that a test knows, critics that it trains on them, and training to convergence."""

from collections.abc import Callable
from typing import Any

import torch
from scipy import stats
from torch import Tensor, nn

from training.data import Batch
from training.loop import descend, only
from training.variant import Variant

Draw = Callable[[int], Tensor]
"""So many points of a distribution: (count, dimension)."""


class Draws(nn.Module):
    """A generator whose images are points of a known distribution."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self.draw = draw

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.draw(len(z))


class Critic(nn.Module):
    """One hidden layer, on points; it begins flat.

    A slope of 1 the wrong way round costs no penalty, and to turn it would: only from 0 does the
    way go down to the right side alone.
    """

    def __init__(self, dimension: int, width: int, activation: nn.Module) -> None:
        super().__init__()
        last = nn.Linear(width, 1)
        nn.init.zeros_(last.weight)
        self.body = nn.Sequential(nn.Linear(dimension, width), activation, last)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        return {"realness": self.body(x).squeeze(1)}


def spread(law: Any, count: int) -> Tensor:
    """Spread points by a law's quantiles, so that their mean of anything smooth is its integral."""
    places = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return torch.from_numpy(law.ppf(places.numpy())).float()[:, None]


def normal(mean: float, deviation: float) -> Any:
    return stats.norm(mean, deviation)


def put(variant: Any, critic: nn.Module, draw: Draw) -> Any:
    """Give a variant this discriminator, and a generator of this distribution."""
    variant.discriminator, variant.generator = critic, Draws(draw)
    return variant


def converge(variant: Variant, real: Tensor, iterations: int = 300) -> float:
    """Train the discriminator on one whole batch as far as it gets; return the sum of its terms."""
    only(variant, variant.discriminator_parameters())
    optimiser = torch.optim.LBFGS(
        list(variant.discriminator_parameters()),
        max_iter=iterations,
        tolerance_grad=1e-9,
        tolerance_change=1e-12,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        total = torch.stack(list(variant.discriminator_loss(Batch(real, None)).values())).sum()
        total.backward()
        return total

    optimiser.step(loss)
    return loss().item()


def learn(variant: Variant, draw: Draw, steps: int, rate: float, count: int = 256) -> None:
    """Train the discriminator on fresh batches, the rate falling to 0, with the loop's own step."""
    only(variant, variant.discriminator_parameters())
    optimiser = torch.optim.Adam(variant.discriminator_parameters(), rate, (0.5, 0.9))
    fall = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, steps)
    for _ in range(steps):
        descend(variant.discriminator_loss(Batch(draw(count), None)), optimiser)
        variant.after_discriminator_step()
        fall.step()
