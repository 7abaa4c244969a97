"""What is noticed of numbers that are none, and what is said of it."""

from math import inf, nan

import pytest
import torch
from torch import nn

from training.divergence import DivergedError, Watch

MODEL = nn.Linear(1, 1)


def watched(*steps: tuple[float, float], first: int = 1) -> Watch:
    """Let a watch look at two terms of so many steps."""
    watch = Watch()
    for step, (real, fool) in enumerate(steps, first):
        terms = {"discriminator/real": torch.tensor(real), "generator/fool": torch.tensor(fool)}
        watch.look(terms, step)
    return watch


def test_numbers_are_nothing_to_say() -> None:
    Watch().check(MODEL, 0)
    watched((0.0, -3e38), (1e-40, 5.0)).check(MODEL, 2)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_the_first_term_and_its_step_are_named(value: float) -> None:
    """Not the step at which somebody asked, nor a term that broke afterwards."""
    watch = watched((1.0, 1.0), (1.0, value), (value, value), (1.0, 1.0), first=41)
    with pytest.raises(DivergedError, match=r"^generator/fool is not finite at step 42$"):
        watch.check(MODEL, 44)


def test_weights_are_looked_at_when_all_terms_are_numbers() -> None:
    broken = nn.Linear(1, 1)
    nn.init.constant_(broken.bias, nan)
    with pytest.raises(DivergedError, match=r"^the weights bias are not finite after step 7$"):
        watched((1.0, 1.0)).check(broken, 7)


def test_half_precision_terms_are_looked_at_as_they_are() -> None:
    watch = Watch()
    watch.look({"d/real": torch.tensor(3e38), "g/fool": torch.tensor(1e5).half()}, 3)
    with pytest.raises(DivergedError, match="g/fool is not finite at step 3"):
        watch.check(MODEL, 3)
