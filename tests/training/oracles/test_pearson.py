"""LSGAN with b - c = 1 and b - a = 2 minimises Pearson's chi-squared (Mao 2016, §3.3)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from tests.training.oracles.known import Critic, converge, normal, put, spread
from training.data import Batch
from training.losses import away_from
from training.variant import Variant

Make = Callable[..., Variant]


@pytest.mark.parametrize("moved", [0.5, 1.0, 2.0])
def test_twice_the_generators_cost_is_chi_squared(make: Make, moved: float) -> None:
    """2 C(G) = chi^2(p + q || 2 q) = int (2 q - (p + q))^2 / (p + q).

    C(G) is G's cost of real images beside that of its own, which alone depends on G.
    """
    torch.manual_seed(0)
    p, q = normal(0, 1), normal(moved, 1)
    variant: Any = put(
        make("lsgan", a=-1, b=1, c=0), Critic(1, 32, nn.Tanh()), lambda count: spread(q, count)
    )
    real = spread(p, 2000)
    converge(variant, real)
    own = variant.generator_loss(Batch(real, None))["fool"]
    cost = (own + away_from(variant.hyper.c, variant.realness(real))).item()
    chi, _ = quad(lambda x: (q.pdf(x) - p.pdf(x)) ** 2 / (p.pdf(x) + q.pdf(x)), -12, 12)
    assert 2 * cost == pytest.approx(chi, rel=0.01)


def test_the_best_d_is_the_mean_of_the_targets_by_density(make: Make) -> None:
    """D* = (b p + a q) / (p + q) (equation 5)."""
    torch.manual_seed(0)
    p, q = normal(0, 1), normal(1, 1)
    variant: Any = put(
        make("lsgan", a=-1, b=2, c=0), Critic(1, 32, nn.Tanh()), lambda count: spread(q, count)
    )
    converge(variant, spread(p, 2000))
    x = np.linspace(-2, 3, 51)
    best = (2 * p.pdf(x) - q.pdf(x)) / (p.pdf(x) + q.pdf(x))
    found = variant.realness(torch.from_numpy(x).float()[:, None]).detach().numpy()
    assert np.abs(found - best).max() < 0.02
