"""WGAN-GP: Gulrajani et al. 2017."""

from typing import Any

import pytest
import torch

from tests.training.variants.rigged import (
    BETWEEN,
    Bowl,
    Linear,
    Make,
    batch,
    bounds,
    defaults,
    independent,
    rig,
    takes,
    values,
)
from training import variants
from training.variant import Task


@pytest.mark.parametrize(("slope", "penalty"), [(0.5, 0.25), (1.0, 0.0), (3.0, 4.0)])
def test_by_hand(make: Make, slope: float, penalty: float) -> None:
    """Trap (HW and others): the gradient's norm over one axis, here an eighth of the sample's.

    The critic says 8 slope grey; its gradient is of norm `slope`, penalised on both sides.
    """
    variant = rig(make, "wgan_gp", Linear(slope), (-0.5, 0.25))
    found = variant.discriminator_loss(batch(0.25, 0.75))
    expected = {"fake": -slope, "real": -4 * slope, "penalty": 10 * penalty}
    assert values(found) == pytest.approx(expected, abs=1e-5)
    assert values(variant.generator_loss(batch(0.25, 0.75))) == pytest.approx({"fool": slope})


def test_means_are_in_full_precision(make: Make) -> None:
    """1 and 1.0078125 have a place in bfloat16, their mean has none; the critic says the grey."""
    for real, fake in (((1.0, 1.0078125), (0.0,)), ((0.0, 0.0), (1.0, 1.0078125))):
        variant = rig(make, "wgan_gp", Linear(1 / 8, torch.bfloat16), fake)
        found = values(variant.discriminator_loss(batch(*real)))
        fool = values(variant.generator_loss(batch(*real)))["fool"]
        assert (found["real"], found["fake"], fool) == (
            (-BETWEEN, 0, 0) if fake == (0.0,) else (0, BETWEEN, -BETWEEN)
        )


def test_the_penalty_is_weighed_by_lambda(make: Make) -> None:
    """Trap (HW): lambda is .25; the paper's is 10."""
    for weight, penalty in ((10, 40), (0.25, 1)):
        variant = rig(make, "wgan_gp", Linear(3.0), (0.0,), lambda_=weight)
        found = values(variant.discriminator_loss(batch(0.25, 0.75)))
        assert found["penalty"] == pytest.approx(penalty, abs=1e-4)


def test_the_slope_is_looked_at_between_real_and_generated_images(make: Make) -> None:
    """|grad D(x)| = |x|: 4 at .5; between .25 and .75, from (2 - 1)^2 to (6 - 1)^2."""
    at = rig(make, "wgan_gp", Bowl(), (0.5,), lambda_=1.0).discriminator_loss(batch(0.5, 0.5))
    assert at["penalty"].item() == pytest.approx((4 - 1) ** 2)
    apart = rig(make, "wgan_gp", Bowl(), (0.75,), lambda_=1.0)
    found = [apart.discriminator_loss(batch(0.25))["penalty"].item() for _ in range(200)]
    assert 1 <= min(found) < 3
    assert 20 < max(found) <= 25


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_no_image_changes_what_the_critic_says_of_another(norm: str) -> None:
    """Trap (ZN, HW, ST): batch normalisation, under which no gradient is an image's own (§4)."""
    assert independent("wgan_gp", norm=norm)
    assert not takes("wgan_gp", norm="batch")


def test_the_critics_norm_is_the_one_that_is_asked_for() -> None:
    kind = variants.find("wgan_gp")
    task = Task(channels=1, size=32, classes=0)
    for norm, count in (("none", 0), ("layer", 3)):  # two stages and the layer before the head
        critic = kind(task, kind.Hyper.model_validate({"norm": norm})).discriminator
        found = [m for m in critic.modules() if isinstance(m, torch.nn.GroupNorm)]
        assert len(found) == count


def test_the_papers_values(make: Make) -> None:
    assert defaults("wgan_gp") == {
        "learning_rate": 1e-4,
        "beta2": 0.9,
        "lambda_": 10.0,
        "n_critic": 5,
        "norm": "none",
    }
    variant: Any = make("wgan_gp")
    assert variant.hyper.beta1 == 0.5
    assert variant.critic_steps(0) == variant.critic_steps(1000) == 5
    assert make("wgan_gp", n_critic=2).critic_steps(3) == 2
    assert bounds("wgan_gp", "learning_rate", 1e-9, step=1e-9)
    assert bounds("wgan_gp", "beta1", 0, 0.999, step=0.001)
    assert bounds("wgan_gp", "beta2", 0, 0.999, step=0.001)
    assert bounds("wgan_gp", "lambda_", 0)
    assert bounds("wgan_gp", "n_critic", 1)
