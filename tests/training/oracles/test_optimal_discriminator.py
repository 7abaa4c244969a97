"""D trained to convergence between two known densities (Goodfellow 2014, §4.1).

D* = p / (p + q) (Proposition 1), V = -log 4 + 2 JSD(p || q) (Theorem 1).
"""

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from tests.training.oracles.known import Critic, converge, normal, put, spread
from training.variant import Variant

Make = Callable[..., Variant]
COUNT = 2000


def divergence(p: Any, q: Any) -> float:
    """Integrate JSD(p || q) = 1/2 KL(p || m) + 1/2 KL(q || m), m the mean density."""

    def part(x: float, own: Any) -> float:
        density, mean = own.pdf(x), (p.pdf(x) + q.pdf(x)) / 2
        return float(density * np.log(density / mean)) if density > 1e-300 else 0.0

    return sum(quad(part, -20, 20, (own,), limit=200)[0] for own in (p, q)) / 2


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (normal(-1, 1), normal(1, 0.7)),
        (normal(0, 1), normal(0.5, 2)),
        (normal(0, 1), normal(0, 1)),
    ],
    ids=["apart", "wider", "equal"],
)
def test_d_and_v_are_those_of_the_densities(make: Make, p: Any, q: Any) -> None:
    torch.manual_seed(0)
    variant = put(make("gan"), Critic(1, 32, nn.Tanh()), lambda count: spread(q, count))
    value = -converge(variant, spread(p, COUNT))
    assert value == pytest.approx(-log(4) + 2 * divergence(p, q), abs=0.01)
    x = np.linspace(-4, 4, 161)
    dense = x[p.pdf(x) + q.pdf(x) > 0.02]
    found = torch.sigmoid(variant.realness(torch.from_numpy(dense).float()[:, None]))
    best = p.pdf(dense) / (p.pdf(dense) + q.pdf(dense))
    assert np.abs(found.detach().numpy() - best).max() < 0.02


def test_no_difference_is_log_4_and_d_says_a_half_everywhere(make: Make) -> None:
    law = normal(0, 1)
    variant = put(make("gan"), Critic(1, 32, nn.Tanh()), lambda count: spread(law, count))
    assert -converge(variant, spread(law, COUNT)) == pytest.approx(-log(4), abs=1e-4)
