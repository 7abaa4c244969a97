"""WGAN: Arjovsky et al. 2017."""

from typing import Any

import pytest
import torch

from tests.training.variants.rigged import (
    BETWEEN,
    HALVES,
    Looks,
    Make,
    batch,
    bounds,
    defaults,
    independent,
    rig,
    takes,
    values,
)

ANSWERS = {grey: {"realness": output} for grey, output in {0.1: 1, 0.2: 4, 0.3: -3, 0.4: 2}.items()}


def test_by_hand(make: Make) -> None:
    """The means are 2.5 of the real images and -.5 of the generated."""
    variant = rig(make, "wgan", Looks(ANSWERS), (0.3, 0.4))
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": -2.5, "fake": -0.5})
    assert values(variant.generator_loss(batch(0.1, 0.2))) == pytest.approx({"fool": 0.5})


def test_means_are_in_full_precision(make: Make) -> None:
    for real, fake in (((0.1, 0.2), (0.3,)), ((0.3, 0.3), (0.1, 0.2))):
        variant = rig(make, "wgan", Looks(HALVES, torch.bfloat16), fake)
        found = values(variant.discriminator_loss(batch(*real)))
        fool = values(variant.generator_loss(batch(*real)))["fool"]
        assert (found["real"], found["fake"], fool) == (
            (-BETWEEN, 0, 0) if fake == (0.3,) else (0, BETWEEN, -BETWEEN)
        )


def test_every_weight_of_the_critic_is_clipped_and_none_of_the_generator(make: Make) -> None:
    variant: Any = make("wgan", clip=0.02)
    before = [weight.clone() for weight in variant.generator.parameters()]
    for value, clipped in ((1.0, 0.02), (-1.0, -0.02), (0.005, 0.005)):
        for weight in variant.discriminator.parameters():
            torch.nn.init.constant_(weight, value)
        variant.after_discriminator_step()
        for weight in variant.discriminator.parameters():
            assert weight.flatten().tolist() == pytest.approx([clipped] * weight.numel())
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


@pytest.mark.parametrize(("norm", "alone"), [("none", True), ("layer", True), ("batch", False)])
def test_an_image_changes_what_the_critic_says_of_another_by_the_batchs_norm_alone(
    norm: str, alone: bool
) -> None:
    """Without a norm weights that are clipped let a signal die out, and so do its gradients."""
    assert independent("wgan", norm=norm) is alone


def test_the_papers_values() -> None:
    assert defaults("wgan") == {
        "learning_rate": 5e-5,
        "clip": 0.01,
        "n_critic": 5,
        "norm": "batch",
        "warm_up": 0,
        "catch_up": 0,
    }
    assert bounds("wgan", "learning_rate", 1e-9, step=1e-9)
    assert bounds("wgan", "clip", 1e-9, step=1e-9)
    assert bounds("wgan", "n_critic", 1)
    assert not takes("wgan", norm="spectral")
    assert bounds("wgan", "warm_up", 0)
    assert bounds("wgan", "catch_up", 0)
