"""WGAN: Arjovsky et al. 2017."""

from typing import Any

import pytest
import torch

from tests.training.variants.rigged import (
    Looks,
    Make,
    batch,
    bounds,
    defaults,
    independent,
    rig,
    values,
)

ANSWERS = {grey: {"realness": output} for grey, output in {0.1: 1, 0.2: 4, 0.3: -3, 0.4: 2}.items()}


def test_by_hand(make: Make) -> None:
    """The means are 2.5 of the real images and -.5 of the generated."""
    variant = rig(make, "wgan", Looks(ANSWERS), (0.3, 0.4))
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": -2.5, "fake": -0.5})
    assert values(variant.generator_loss(batch(0.1, 0.2))) == pytest.approx({"fool": 0.5})


def test_every_weight_of_the_critic_is_clipped_and_none_of_the_generator(make: Make) -> None:
    variant: Any = make("wgan", clip=0.02)
    weights = list(variant.discriminator.parameters())
    with torch.no_grad():
        for weight in weights:
            weight.view(-1)[0], weight.view(-1)[-1] = 1.0, -1.0
            weight.view(-1)[1:-1] = 0.005
    before = [weight.clone() for weight in variant.generator.parameters()]
    variant.after_discriminator_step()
    for weight in weights:
        allowed = [0.02, -0.02, 0.005] if weight.numel() > 2 else [0.02, -0.02]
        assert all(any(x == pytest.approx(y) for y in allowed) for x in weight.view(-1).tolist())
        assert weight.min().item() == pytest.approx(-0.02)
    after = variant.generator.parameters()
    assert all(one.equal(other) for one, other in zip(before, after, strict=True))


def test_the_critic_takes_five_steps_and_warms_up_and_catches_up_with_a_hundred(
    make: Make,
) -> None:
    def steps(*at: int, **hyper: int) -> list[int]:
        variant = make("wgan", **hyper)
        return [variant.critic_steps(step) for step in at]

    assert steps(0, 1, 500) == [5, 5, 5]
    assert steps(0, 7, n_critic=3) == [3, 3]
    assert steps(0, 24, 25, 26, warm_up=25) == [100, 100, 5, 5]
    assert steps(1, 499, 500, 501, 1000, catch_up=500) == [5, 5, 100, 5, 100]
    assert steps(2, 3, 10, 11, 20, warm_up=3, catch_up=10) == [100, 5, 100, 5, 100]


def test_rmsprop_steps_each_network_on_its_own(make: Make) -> None:
    """Momentum made training unstable (§4)."""
    variant = make("wgan", learning_rate=3e-5)
    made = variant.optimisers()
    for name in ("discriminator", "generator"):
        network = getattr(variant, name)
        assert isinstance(made[name], torch.optim.RMSprop)
        (group,) = made[name].param_groups
        assert (group["lr"], group["momentum"]) == (3e-5, 0)
        assert [id(p) for p in group["params"]] == [id(p) for p in network.parameters()]


def test_no_image_changes_what_the_critic_says_of_another() -> None:
    assert independent("wgan")


def test_the_papers_values() -> None:
    assert defaults("wgan") == {
        "learning_rate": 5e-5,
        "clip": 0.01,
        "n_critic": 5,
        "warm_up": 0,
        "catch_up": 0,
    }
    assert bounds("wgan", "learning_rate", 1e-9, step=1e-9)
    assert bounds("wgan", "clip", 1e-9, step=1e-9)
    assert bounds("wgan", "n_critic", 1)
    assert bounds("wgan", "warm_up", 0)
    assert bounds("wgan", "catch_up", 0)
