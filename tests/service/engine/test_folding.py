"""Folded networks say what they said before, without a norm."""

import copy

import pytest
import torch
from torch import nn

from models.networks import Generator
from models.networks.dcgan import DCGANAutoEncoder, DCGANDiscriminator, DCGANGenerator
from service.engine.folding import fold

CLOSE = 1e-4


def learnt(network: nn.Module) -> nn.Module:
    """Give each layer weights, and each norm statistics, that matter."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0, 0.2)
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            assert layer.running_mean is not None
            assert layer.running_var is not None
            nn.init.normal_(layer.running_mean, 0.5)
            nn.init.uniform_(layer.running_var, 0.1, 3)
            nn.init.uniform_(layer.weight, 0.5, 2)
            nn.init.normal_(layer.bias)
    return network.eval()


def folded(network: nn.Module) -> nn.Module:
    other = copy.deepcopy(network)
    fold(other)
    return other


def norms(network: nn.Module) -> int:
    return sum(isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d) for m in network.modules())


@pytest.mark.parametrize("hidden", [0, 24])
def test_a_generator_without_its_norms_makes_the_same_images(hidden: int) -> None:
    torch.manual_seed(0)
    network = learnt(DCGANGenerator(channels=3, size=32, width=8, hidden=hidden, classes=4))
    other = folded(network)
    assert isinstance(network, Generator)
    assert isinstance(other, Generator)
    z, classes = torch.randn(5, network.latent), torch.arange(5) % 4
    assert norms(network) > norms(other) == 0
    images = network(z, network.embed(classes))
    assert torch.allclose(other(z, other.embed(classes)), images, atol=CLOSE)
    assert not torch.allclose(images, images.roll(1, 0), atol=100 * CLOSE), (
        "images differ from row to row"
    )


@pytest.mark.parametrize("kind", [DCGANDiscriminator, DCGANAutoEncoder])
def test_a_discriminator_without_its_norms_says_the_same(kind: type[nn.Module]) -> None:
    torch.manual_seed(0)
    heads = {"realness": 1, "classes": 4} if kind is DCGANDiscriminator else {"energy": 1}
    network = learnt(kind(channels=1, size=28, width=8, hidden=24, heads=heads))
    other = folded(network)
    x = torch.rand(5, 1, 28, 28) * 2 - 1
    assert norms(network) > norms(other) == 0
    for name, found in network(x).items():
        assert torch.allclose(other(x)[name], found, rtol=CLOSE, atol=CLOSE)


def test_a_norm_that_follows_no_layer_stays() -> None:
    network = learnt(
        nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3), nn.ReLU(), nn.BatchNorm1d(3))
    )
    x = torch.randn(4, 3)
    other = folded(network)
    assert norms(other) == 2
    assert torch.equal(other(x), network(x))
