"""The loop's own step, in turns, on a game whose saddle point is known.

f(x, y) = x^2 + 2 x y - 3 y^2 + 4 x + 5 y + 6: x minimises, y maximises. Both slopes, 2 x + 2 y + 4
and 2 x - 6 y + 5, are 0 at x = -17/8, y = 1/8, where f = 33/16.
"""

import pytest
import torch
from torch import Tensor, nn

from training.loop import descend


def f(x: Tensor, y: Tensor) -> Tensor:
    return x**2 + 2 * x * y - 3 * y**2 + 4 * x + 5 * y + 6


@pytest.mark.parametrize("start", [(0.0, 0.0), (10.0, -10.0), (-50.0, 3.0)])
def test_alternating_steps_reach_the_saddle(start: tuple[float, float]) -> None:
    x, y = (nn.Parameter(torch.tensor(value, dtype=torch.float64)) for value in start)
    minimiser, maximiser = torch.optim.SGD([x], 0.1), torch.optim.SGD([y], 0.1)
    for _ in range(200):
        descend({"max": -f(x, y)}, maximiser)
        descend({"min": f(x, y)}, minimiser)
    assert [x.item(), y.item()] == pytest.approx([-17 / 8, 1 / 8])
    assert f(x, y).item() == pytest.approx(33 / 16)


def test_it_is_a_saddle() -> None:
    x, y = torch.tensor(-17 / 8), torch.tensor(1 / 8)
    for step in (-0.5, 0.5):
        assert f(x + step, y) > f(x, y) > f(x, y + step)
