"""BEGAN's controller holds E L(G(z)) at gamma E L(x) (Berthelot 2017, §3.4)."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from training.variant import Variant

Make = Callable[..., Variant]


def play(variant: Any, steps: int, noise: float) -> list[tuple[float, float, float]]:
    """Give the controller a D that rebuilds images the worse, the more k tells it not to.

    L(x) = 1 + .2 k and L(G(z)) = .2 + .6 k, with noise: at gamma .5 they balance at k = .6.
    """
    found = []
    for _ in range(steps):
        k = variant.k.item()
        real, fake = 1 + 0.2 * k, 0.2 + 0.6 * k
        drawn = noise * torch.randn(2)
        terms = {"discriminator/real": real + drawn[0], "generator/fool": fake + drawn[1]}
        variant.after_step(terms)
        found.append((k, terms["discriminator/real"].item(), terms["generator/fool"].item()))
    return found


@pytest.mark.parametrize(("gamma", "k"), [(0.5, 0.6), (0.3, 0.1 / 0.54), (0.7, 0.5 / 0.46)])
def test_k_comes_to_rest_where_the_errors_balance(make: Make, gamma: float, k: float) -> None:
    """gamma (1 + .2 k) = .2 + .6 k at k = (gamma - .2) / (.6 - .2 gamma), or at 1 at most."""
    variant: Any = make("began", gamma=gamma, lambda_k=0.05)
    at, real, fake = play(variant, 600, noise=0.0)[-1]
    assert at == pytest.approx(min(k, 1), abs=1e-4)
    if k <= 1:
        assert fake == pytest.approx(gamma * real, abs=1e-4)


def test_the_ratio_of_noisy_errors_is_gamma_on_average(make: Make) -> None:
    torch.manual_seed(0)
    variant: Any = make("began", gamma=0.5, lambda_k=0.02)
    settled = play(variant, 4000, noise=0.1)[1000:]
    ks, real, fake = (sum(column) / len(settled) for column in zip(*settled, strict=True))
    assert fake / real == pytest.approx(0.5, abs=0.005)
    assert ks == pytest.approx(0.6, abs=0.02)


def test_with_the_papers_rate_it_takes_the_longer_the_smaller_lambda(make: Make) -> None:
    """k' = lambda (gamma L(x) - L(G)) = lambda (.3 - .5 k): 1 - e^(-.5 lambda t) of the way."""
    variant: Any = make("began")
    assert play(variant, 2001, noise=0.0)[-1][0] == pytest.approx(0.6 * (1 - 2.71828**-1), abs=1e-3)
