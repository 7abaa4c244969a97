"""What batch normalisation remembers after training is what the images and weights in use have."""

from functools import partial

import pytest
import torch
from torch import Tensor, nn

from training.statistics import settled


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))


def show(x: Tensor, network: nn.Module) -> object:
    return network(x)


def test_it_is_the_mean_over_all_passes_whatever_was_remembered_before() -> None:
    original = network().train()
    original(100 * torch.randn(50, 3))
    before = {name: value.clone() for name, value in original.state_dict().items()}
    batches = [torch.randn(20, 3) + shift for shift in range(4)]
    found = settled(original, (partial(show, x) for x in batches))
    seen = [original[0](x) for x in batches]
    mean = torch.stack([h.mean(0) for h in seen]).mean(0)
    variance = torch.stack([h.var(0) for h in seen]).mean(0)
    layer = found[1]
    assert isinstance(layer, nn.BatchNorm1d)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    assert torch.allclose(layer.running_mean, mean, atol=1e-6)
    assert torch.allclose(layer.running_var, variance, atol=1e-6)
    assert not found.training
    assert all(torch.equal(value, before[name]) for name, value in original.state_dict().items())
    assert original.training


def test_weights_and_random_numbers_are_left_alone() -> None:
    original = network()
    state = torch.get_rng_state()
    found = settled(original, (partial(show, torch.ones(8, 3)) for _ in range(3)))
    assert torch.equal(torch.get_rng_state(), state), "dropout drew numbers: it is to be off"
    for name, weight in original.named_parameters():
        assert torch.equal(weight, found.get_parameter(name))


def test_without_batch_normalisation_no_pass_is_made() -> None:
    def refuse(network: nn.Module) -> object:
        pytest.fail("a pass was made")

    plain = nn.Sequential(nn.Linear(3, 4))
    found = settled(plain, iter([refuse]))
    assert torch.equal(found.get_parameter("0.weight"), plain.get_parameter("0.weight"))
