"""InfoGAN's bound: L_I = H(c) - cost <= I(c; x) <= H(c) (Chen 2016, equations 4 and 5)."""

from collections.abc import Callable
from math import log
from typing import Any

import pytest
import torch
from torch import Tensor

from training.variant import Variant

Make = Callable[..., Variant]
K = 4


def bound(variant: Any, q: Tensor, c: Tensor) -> float:
    """L_I of Q's answers (B, K) to the codes (B,), from the variant's own term."""
    latent = torch.cat([torch.zeros(len(c), 6), torch.nn.functional.one_hot(c, K).float()], 1)
    return log(K) - float(variant.ignorance(q, latent)["categorical"].item())


def infogan(make: Make) -> Any:
    return make("infogan", categorical=K, continuous=0, lambda_categorical=1.0)


def test_a_perfect_q_knows_all_and_no_q_knows_more(make: Make) -> None:
    torch.manual_seed(0)
    variant = infogan(make)
    c = torch.arange(K).repeat(25)
    perfect = 100 * torch.nn.functional.one_hot(c, K).float()
    assert bound(variant, perfect, c) == pytest.approx(log(K))
    assert bound(variant, torch.zeros(100, K), c) == pytest.approx(0, abs=1e-6)
    for q in 3 * torch.randn(50, 100, K):
        assert bound(variant, q, c) < log(K)


@pytest.mark.parametrize("error", [0.0, 0.1, 0.3, 0.75])
def test_the_best_q_of_a_noisy_image_knows_the_mutual_information(make: Make, error: float) -> None:
    """The image shows the code but for an error: I = log K - H(error) - error log(K - 1)."""
    variant = infogan(make)
    counts = torch.full((K, K), round(1200 * error / (K - 1)))
    counts.fill_diagonal_(1200 - (K - 1) * int(counts[0, 1]))
    pairs = torch.cartesian_prod(torch.arange(K), torch.arange(K))  # c, and what the image shows
    c, x = pairs.repeat_interleave(counts.flatten(), 0).T
    table = torch.zeros(K, K, requires_grad=True)
    optimiser = torch.optim.LBFGS([table], max_iter=200, tolerance_grad=1e-9)

    def cost() -> Tensor:
        optimiser.zero_grad()
        latent = torch.cat([torch.zeros(len(c), 6), torch.nn.functional.one_hot(c, K).float()], 1)
        loss: Tensor = variant.ignorance(table[x], latent)["categorical"]
        loss.backward()
        return loss

    optimiser.step(cost)
    noise = 0.0 if error == 0 else -error * log(error) - (1 - error) * log(1 - error)
    information = log(K) - noise - error * log(K - 1)
    found = bound(variant, table[x], c)
    assert found == pytest.approx(information, abs=1e-3)
    assert found <= log(K)


def test_a_perfect_q_of_continuous_codes_costs_nothing_and_any_other_something(make: Make) -> None:
    variant: Any = make("infogan", continuous=3)
    latent = variant.draw_latent(torch.empty(50, 1))
    perfect = latent[:, 6:].clone()
    assert variant.ignorance(perfect, latent)["continuous"].item() == 0
    for q in torch.randn(20, *perfect.shape):
        assert variant.ignorance(q, latent)["continuous"] > 0
