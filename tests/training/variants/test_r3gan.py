"""R3GAN: Huang et al. 2024."""

from math import log, sqrt
from typing import Any

import pytest
import torch

from tests.training.variants.rigged import (
    SURE,
    Bowl,
    Linear,
    Looks,
    Make,
    batch,
    bounds,
    defaults,
    independent,
    rig,
    values,
)
from training.data import Batch
from training.loop import only


def test_pairs_by_hand(make: Make) -> None:
    """The first image is log 3 more real than its generated one, the second as real as its own.

    softplus(-log 3) = log 4/3, softplus(log 3) = log 4.
    """
    variant = rig(make, "r3gan", Linear(1 / 8), (log(2), log(5)))
    found = values(variant.discriminator_loss(batch(log(6), log(5))))
    assert found["pair"] == pytest.approx((log(4 / 3) + log(2)) / 2, rel=1e-5)
    assert set(found) == {"pair", "penalty"}
    found = values(variant.generator_loss(batch(log(6), log(5))))
    assert found == pytest.approx({"pair": (log(4) + log(2)) / 2}, rel=1e-5)


def test_an_image_is_held_against_its_own_partner(make: Make) -> None:
    """Not the means: the gaps are log 12 and log 3/2, of SURE's logits."""
    variant = rig(make, "r3gan", Looks(SURE), (0.3, 0.4))
    found = values(variant.generator_loss(batch(0.1, 0.2)))
    assert found == pytest.approx({"pair": (log(13) + log(5 / 2)) / 2})


def test_both_halves_of_a_pair_pull_by_hand(make: Make) -> None:
    """At a gap of log 3, d softplus(-gap) = -1/4 d gap: of w . (x - y) that is -(x - y) / 4.

    With the images' greys .5 and -.25 a pixel of w has -3/16, and the grey of y, at 64 pixels
    and w = log 3 / 48, in G's step 3/4 of -64 w.
    """
    variant = rig(make, "r3gan", Linear(log(3) / 6), (-0.25,), gamma=0)
    sum(variant.discriminator_loss(batch(0.5, 0.5)).values()).backward()
    assert variant.discriminator.w.grad.tolist() == pytest.approx([-3 / 16] * 64)
    variant.zero_grad()
    sum(variant.generator_loss(batch(0.5, 0.5)).values()).backward()
    assert variant.generator.greys.grad.item() == pytest.approx(-log(3))


@pytest.mark.parametrize("slope", [0.5, 3.0])
def test_both_penalties_are_the_squared_slope(make: Make, slope: float) -> None:
    """R1 = R2 = |w|^2: gamma / 2 (R1 + R2) = gamma |w|^2."""
    for gamma in (0.05, 2.0):
        variant = rig(make, "r3gan", Linear(slope), (0.1,), gamma=gamma)
        found = values(variant.discriminator_loss(batch(0.3, 0.4)))
        assert found["penalty"] == pytest.approx(gamma * slope**2, rel=1e-5)


def test_r1_is_at_real_images_and_r2_at_generated_ones(make: Make) -> None:
    """|grad D(x)|^2 = |x|^2 = 64 grey^2: 16 at .5, 4 at -.25, 0 at 0."""
    for real, fake, both in ((0.5, -0.25, 20), (0.5, 0.0, 16), (0.0, -0.25, 4)):
        variant = rig(make, "r3gan", Bowl(), (fake,), gamma=1.0)
        found = values(variant.discriminator_loss(batch(real, real)))
        assert found["penalty"] == pytest.approx(both / 2)


def test_the_penalty_teaches_the_discriminator_alone(make: Make, real: Batch) -> None:
    variant: Any = make("r3gan")
    only(variant, variant.discriminator_parameters())
    variant.discriminator_loss(real)["penalty"].backward()
    assert variant.discriminator.heads["realness"].weight.grad.abs().sum() > 0
    assert all(p.grad is None for p in variant.generator.parameters())


def test_the_pair_teaches_the_generator_alone(make: Make, real: Batch) -> None:
    variant: Any = make("r3gan")
    only(variant, variant.generator_parameters())
    variant.generator_loss(real)["pair"].backward()
    assert all(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
    assert all(p.grad is None for p in variant.discriminator.parameters())


@pytest.mark.parametrize(
    ("step", "left"), [(0, 1.0), (25, (1 + sqrt(1 / 2)) / 2), (50, 0.5), (100, 0.0), (1000, 0.0)]
)
def test_rates_follow_a_cosine_and_stay(make: Make, step: int, left: float) -> None:
    """`left` is (1 + cos(pi step / 100)) / 2, what is left of the way from first to last."""
    variant = rig(make, "r3gan", Linear(1.0), (0.1,), burn_in=100)
    real: Any = make("r3gan", burn_in=100)
    optimisers = real.optimisers()
    real.schedule(step, optimisers)
    for optimiser in optimisers.values():
        (group,) = optimiser.param_groups
        assert group["lr"] == pytest.approx(5e-5 + 15e-5 * left)
        assert group["betas"] == pytest.approx((0.0, 0.99 - 0.09 * left))
    variant.schedule(step, {})
    penalty = values(variant.discriminator_loss(batch(0.3, 0.4)))["penalty"]
    assert penalty == pytest.approx(0.005 + 0.045 * left)


def test_no_image_changes_what_the_discriminator_says_of_another() -> None:
    assert independent("r3gan")


def test_the_papers_values(make: Make) -> None:
    assert defaults("r3gan") == {
        "beta1": 0.0,
        "beta2": 0.9,
        "last_learning_rate": 5e-5,
        "last_beta2": 0.99,
        "gamma": 0.05,
        "last_gamma": 0.005,
        "burn_in": 10_000,
    }
    variant: Any = make("r3gan")
    assert variant.hyper.learning_rate == 2e-4
    assert torch.optim.Adam is type(variant.optimisers()["generator"])
    for field in ("learning_rate", "last_learning_rate"):
        assert bounds("r3gan", field, 1e-9, step=1e-9)
    for field in ("beta1", "beta2", "last_beta2"):
        assert bounds("r3gan", field, 0, 0.999, step=0.001)
    assert bounds("r3gan", "gamma", 0)
    assert bounds("r3gan", "last_gamma", 0)
    assert bounds("r3gan", "burn_in", 1)
