"""What the loop itself promises: one clean step at a time, and an average by the book."""

import copy

import pytest
import torch
from torch import nn

from models import networks
from training.average import Average
from training.loop import descend, only


def test_a_step_knows_nothing_of_the_gradients_before_it() -> None:
    weight = nn.Parameter(torch.zeros(3))
    optimiser = torch.optim.SGD([weight], lr=0.5)
    for _ in range(2):
        descend({"a": weight.sum(), "b": 2 * weight.sum()}, optimiser)
        assert weight.grad is not None
        assert weight.grad.tolist() == [3.0, 3.0, 3.0]
    assert weight.tolist() == [-3.0, -3.0, -3.0]


def test_only_the_learners_require_gradients() -> None:
    pair = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    only(pair, pair[0].parameters())
    only(pair, pair[1].parameters())
    assert [p.requires_grad for p in pair.parameters()] == [False, False, True, True]


@pytest.mark.parametrize(("step", "beta"), [(0, 1 / 10), (10, 11 / 20), (10_000, 0.9)])
def test_the_average_moves_by_one_minus_beta(step: int, beta: float) -> None:
    shape = {"channels": 1, "size": 8, "latent": 4, "width": 4}
    source = networks.build(networks.GENERATORS, "dcgan", shape)
    average = Average(source, decay=0.9)
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
