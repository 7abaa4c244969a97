"""GAN: Goodfellow et al. 2014."""

from math import log

import pytest

from tests.training.variants.rigged import (
    SURE,
    Linear,
    Looks,
    Make,
    batch,
    bounds,
    defaults,
    rig,
    values,
)


def test_discriminator_by_hand(make: Make) -> None:
    found = rig(make, "gan", Looks(SURE), (0.3, 0.4)).discriminator_loss(batch(0.1, 0.2))
    real, fake = (log(4 / 3) + log(2)) / 2, (log(5 / 4) + log(5 / 3)) / 2
    assert values(found) == pytest.approx({"real": real, "fake": fake})


def test_generator_by_hand(make: Make) -> None:
    found = rig(make, "gan", Looks(SURE), (0.3, 0.4)).generator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"fool": (log(5) + log(5 / 2)) / 2})


def test_minimax_is_minimax(make: Make) -> None:
    """Trap (Mimicry): a "minimax" that is the non-saturating loss."""
    variant = rig(make, "gan", Looks(SURE), (0.3, 0.4), loss="minimax")
    found = variant.generator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"minimax": (log(4 / 5) + log(3 / 5)) / 2})


@pytest.mark.parametrize(("loss", "slope"), [("nonsaturating", -4 / 5), ("minimax", -1 / 5)])
def test_both_losses_pull_the_generator_the_same_way(make: Make, loss: str, slope: float) -> None:
    """At D(G(z)) = 1/5: d/dl -log s(l) = s - 1, and d/dl log(1 - s(l)) = -s."""
    variant = rig(make, "gan", Linear(1 / 8), (-log(4),), loss=loss)  # its logit is the grey
    sum(variant.generator_loss(batch(0.0, 0.0)).values()).backward()
    assert variant.generator.greys.grad.item() == pytest.approx(slope)


def test_the_papers_networks_and_values(make: Make) -> None:
    assert defaults("gan") == {
        "generator_width": 512,
        "generator_hidden": 256,
        "discriminator_width": 512,
        "discriminator_hidden": 256,
        "loss": "nonsaturating",
    }
    variant = make("gan")
    assert (variant.generator_network, variant.discriminator_network) == ("mlp", "mlp")
    for field in defaults("gan").keys() - {"loss"}:
        assert bounds("gan", field, 1, 4096)
