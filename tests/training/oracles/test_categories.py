"""What catGAN's terms come to at their best (Springenberg 2015, §3.1)."""

from collections.abc import Callable
from math import log
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training.data import Batch
from training.loop import only
from training.variant import Variant
from training.variants.catgan import entropy, marginal_entropy

Make = Callable[..., Variant]
K = 4


class Table(nn.Module):
    """A discriminator with free logits for each of a batch's real and generated images.

    They begin leaning to each category as often: from elsewhere the way may end in an uneven hole.
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        lean = torch.eye(K).repeat(count // K, 1)
        self.real = nn.Parameter(lean + 0.05 * torch.randn(count, K))
        self.fake = nn.Parameter(lean + 0.05 * torch.randn(count, K))

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        real = bool((x == 1).all())
        return {"classes": self.real if real else self.fake}


class Grey(nn.Module):
    """A generator of images that are not 1."""

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        return torch.zeros(len(z), 1, 1, 1)


def free(make: Make, count: int) -> Any:
    torch.manual_seed(1)
    variant: Any = make("catgan")
    variant.discriminator, variant.generator = Table(count), Grey()
    return variant


def descend_on(loss: Callable[[], Tensor], weights: list[Tensor]) -> float:
    optimiser = torch.optim.Adam(weights, 0.1)
    for _ in range(400):
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()
    return loss().item()


def test_of_all_distributions_the_uniform_has_the_most_entropy() -> None:
    for logits in (torch.zeros(8, K), torch.full((8, K), 3.0)):
        assert entropy(logits).item() == pytest.approx(log(K))
        assert marginal_entropy(logits).item() == pytest.approx(log(K))
    for logits in torch.randn(20, 8, K):
        assert 0 < entropy(logits) < marginal_entropy(logits) < log(K)


def test_d_is_at_its_best_sure_and_even_on_real_images_and_unsure_of_generated(make: Make) -> None:
    """-H[p(y)] + E H[p(y|x)] - E H[p(y|G(z))] is at least -2 log K, and gets there."""
    variant, real = free(make, 8), Batch(torch.ones(8, 1, 1, 1), None)
    only(variant, variant.discriminator_parameters())

    def loss() -> Tensor:
        total: Tensor = torch.stack(list(variant.discriminator_loss(real).values())).sum()
        assert total > -2 * log(K) - 1e-5
        return total

    weights = list(variant.discriminator_parameters())
    assert descend_on(loss, weights) == pytest.approx(-2 * log(K), abs=0.02)
    p = variant.discriminator.real.softmax(1)
    assert p.max(1).values.min() > 0.98
    assert p.argmax(1).bincount(minlength=K).tolist() == [2] * K
    assert (variant.discriminator.fake.softmax(1) - 1 / K).abs().max() < 0.02


def test_g_is_at_its_best_where_d_is_sure_of_its_images_and_uses_all_categories(make: Make) -> None:
    """-H_G[p(y)] + E H[p(y|G(z))] is at least -log K, and gets there."""
    variant, real = free(make, 8), Batch(torch.ones(8, 1, 1, 1), None)

    def loss() -> Tensor:
        total: Tensor = torch.stack(list(variant.generator_loss(real).values())).sum()
        assert total > -log(K) - 1e-5
        return total

    assert descend_on(loss, [variant.discriminator.fake]) == pytest.approx(-log(K), abs=0.02)
    assert variant.discriminator.fake.softmax(1).argmax(1).bincount(minlength=K).tolist() == [2] * K
