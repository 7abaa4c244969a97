"""The averaged generator, by the book."""

import copy
from itertools import islice

import pytest
import torch
from torch import nn

from models import networks
from training.average import Average

SHAPE = {"channels": 1, "size": 8, "latent": 4, "width": 4}


@pytest.mark.parametrize(
    ("step", "decay", "beta"),
    [(0, 0.9, 1 / 4), (10, 0.9, 11 / 14), (10_000, 0.9, 0.9), (80, 0.9, 0.9), (0, 0.05, 0.05)],
)
def test_it_moves_by_one_minus_beta(step: int, decay: float, beta: float) -> None:
    """The first decays are (1 + t) / (4 + t), while that is smaller."""
    source = networks.build(networks.GENERATORS, "dcgan", SHAPE)
    average = Average(source, decay)
    before = copy.deepcopy(average.generator.state_dict())
    with torch.no_grad():
        for value in [*source.parameters(), *source.buffers()]:
            value += 1
    average.update(source, step)
    parameters = {name for name, _ in source.named_parameters()}
    for name, value in average.generator.state_dict().items():
        moved = (value - before[name]).float()
        expected = 1 - beta if name in parameters else 1.0  # buffers are taken over as they are
        assert torch.allclose(moved, torch.full_like(moved, expected), atol=1e-5), name


def test_it_follows_a_constant_to_the_end_and_is_the_weighted_sum_of_what_it_saw() -> None:
    """From 0, towards 1 at each step with beta 1/2 from step 8 on: 1 - 2^-n after n steps."""
    source = networks.build(networks.GENERATORS, "dcgan", SHAPE)
    average = Average(source, 0.5)
    for parameter in average.generator.parameters():
        nn.init.zeros_(parameter)
    for parameter in source.parameters():
        nn.init.ones_(parameter)
    for step in islice(range(8, 100), 5):
        average.update(source, step)
    for parameter in average.generator.parameters():
        assert parameter.flatten()[0].item() == pytest.approx(1 - 2**-5)


def test_it_is_a_copy_that_never_learns_and_is_ready_to_serve() -> None:
    source = networks.build(networks.GENERATORS, "dcgan", SHAPE).train()
    average = Average(source, 0.9)
    assert not any(module.training for module in average.generator.modules())
    assert not any(p.requires_grad for p in average.generator.parameters())
    assert source.training
    assert all(p.requires_grad for p in source.parameters())
    average.update(source, 3)
    assert not any(p.requires_grad for p in average.generator.parameters())
    pairs = zip(source.parameters(), average.generator.parameters(), strict=True)
    assert all(one.data_ptr() != other.data_ptr() for one, other in pairs)


def test_an_average_of_decay_0_is_the_generator_itself() -> None:
    source = networks.build(networks.GENERATORS, "dcgan", SHAPE)
    average = Average(source, 0.0)
    with torch.no_grad():
        for parameter in source.parameters():
            parameter.add_(1)
    average.update(source, 5)
    pairs = zip(source.parameters(), average.generator.parameters(), strict=True)
    assert all(torch.allclose(one, other) for one, other in pairs)
