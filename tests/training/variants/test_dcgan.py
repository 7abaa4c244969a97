"""DCGAN: Radford et al. 2015."""

from math import log

import pytest
from torch import nn

from tests.training.variants.rigged import SURE, Looks, Make, batch, defaults, rig, values


def test_by_hand(make: Make) -> None:
    variant = rig(make, "dcgan", Looks(SURE), (0.3, 0.4))
    real, fake = (log(4 / 3) + log(2)) / 2, (log(5 / 4) + log(5 / 3)) / 2
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": real, "fake": fake})
    found = variant.generator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"fool": (log(5) + log(5 / 2)) / 2})


def test_the_papers_networks_and_values(make: Make) -> None:
    """Convolutions with batch normalisation in both, and Adam at 2e-4 with beta1 .5 (§3, §4)."""
    assert defaults("dcgan") == {}
    variant = make("dcgan")
    assert (variant.hyper.learning_rate, variant.hyper.beta1) == (2e-4, 0.5)
    for network in (variant.generator, variant.discriminator):
        assert any(isinstance(m, nn.Conv2d | nn.ConvTranspose2d) for m in network.modules())
        assert any(isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d) for m in network.modules())
