"""A linear critic w . x has slope |w| everywhere, so that every penalty is known."""

from typing import Any

import pytest
import torch

from tests.training.variants.rigged import Linear, Make, batch, rig

SLOPES = [0.0625, 0.5, 1.0, 1.7, 4.0]


def penalty(make: Make, name: str, slope: float, **hyper: Any) -> float:
    torch.manual_seed(0)
    critic = Linear(1.0)
    w = torch.randn_like(critic.w)
    critic.w.data = slope * w / w.norm()
    variant = rig(make, name, critic, (-0.3, 0.6, 0.1), **hyper)
    terms = variant.discriminator_loss(batch(0.4, -0.2, 0.9))
    return float(terms["penalty"].item())


@pytest.mark.parametrize("slope", SLOPES)
def test_every_penalty_is_what_the_slope_says(make: Make, slope: float) -> None:
    two_sided = (slope - 1) ** 2
    assert penalty(make, "wgan_gp", slope, lambda_=1.0) == pytest.approx(two_sided, abs=1e-5)
    for noise in ("uniform", "normal"):
        found = penalty(make, "dragan", slope, lambda_=1.0, noise=noise)
        assert found == pytest.approx(two_sided, abs=1e-5)
    both = penalty(make, "r3gan", slope, gamma=1.0)  # (R1 + R2) / 2, either is |w|^2
    assert both == pytest.approx(slope**2, rel=1e-5)


def test_a_critic_of_slope_1_costs_nothing(make: Make) -> None:
    for name in ("wgan_gp", "dragan"):
        assert penalty(make, name, 1.0) == pytest.approx(0, abs=1e-5)
