"""What is noticed of numbers that are none, and what is said of it."""

from math import inf, nan
from typing import Any

import pytest
import torch
from torch import nn

from training.divergence import DivergedError, Watch
from training.loop import State


def state(step: int, network: nn.Module | None = None) -> State:
    """Stand where a run stands after a step: `Watch` looks at nothing else of it."""
    variant: Any = network or nn.Linear(1, 1)
    optimiser = torch.optim.Adam(variant.parameters())
    average: Any = None
    return State(variant=variant, average=average, optimisers={"generator": optimiser}, step=step)


def watched(*steps: tuple[float, float], first: int = 1) -> Watch:
    """Let a watch look at two terms of so many steps."""
    watch = Watch()
    for step, (real, fool) in enumerate(steps, first):
        terms = {"discriminator/real": torch.tensor(real), "generator/fool": torch.tensor(fool)}
        watch.look(terms, step)
    return watch


def test_numbers_are_nothing_to_say() -> None:
    Watch().check(state(0))
    watched((0.0, -3e38), (1e-40, 5.0)).check(state(2))


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_the_first_term_and_its_step_are_named(value: float) -> None:
    """Not the step at which somebody asked, nor a term that broke afterwards."""
    watch = watched((1.0, 1.0), (1.0, value), (value, value), (1.0, 1.0), first=41)
    with pytest.raises(DivergedError, match=r"^generator/fool is not finite at step 42$"):
        watch.check(state(44))


def test_weights_are_looked_at_when_all_terms_are_numbers() -> None:
    """In the precision of a file, which holds no weight above 65504."""
    for value in (nan, 1e5):
        broken = nn.Linear(1, 1)
        nn.init.constant_(broken.bias, value)
        with pytest.raises(DivergedError, match=r"^the weights bias are not finite in float16 aft"):
            watched((1.0, 1.0)).check(state(7, broken))
    nn.init.constant_(broken.bias, -6e4)
    watched((1.0, 1.0)).check(state(7, broken))


def test_moments_are_looked_at_too() -> None:
    """A square that overflows leaves the weight where it is for ever, and nothing else shows it."""
    stuck = state(9)
    parameter = next(stuck.variant.parameters())
    parameter.grad = torch.full_like(parameter, 1e30)
    stuck.optimisers["generator"].step()
    with pytest.raises(DivergedError, match=r"^the moments of the generator's optimiser are not f"):
        Watch().check(stuck)


def test_half_precision_terms_are_looked_at_as_they_are() -> None:
    watch = Watch()
    watch.look({"d/real": torch.tensor(3e38), "g/fool": torch.tensor(1e5).half()}, 3)
    with pytest.raises(DivergedError, match="g/fool is not finite at step 3"):
        watch.check(state(3))
