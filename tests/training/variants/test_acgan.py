"""ACGAN: Odena et al. 2016."""

from math import log
from typing import Any

import pytest
import torch

from tests.training.variants.rigged import Looks, Make, batch, bounds, defaults, rig, values
from training.data import Batch
from training.loop import only

ANSWERS = {  # of four classes; P(C = 0) = 5/8 for the real images, P(C = 1) = 1/2 for the others
    0.1: {"realness": log(3), "classes": [log(5), 0, 0, 0]},
    0.2: {"realness": 0.0, "classes": [log(5), 0, 0, 0]},
    0.3: {"realness": -log(4), "classes": [0, log(3), 0, 0]},
}


def class_cost(drawn: list[int]) -> float:
    """What the right answer costs for generated images of these classes: 1/2 for 1, else 1/6."""
    return sum(log(2) if c == 1 else log(6) for c in drawn) / len(drawn)


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_by_hand(make: Make, weight: float) -> None:
    """Trap (PG): a softmax before the cross-entropy, under which no class would cost this."""
    variant = rig(make, "acgan", Looks(ANSWERS), (0.3,), fake_class=weight)
    found = variant.discriminator_loss(batch(0.1, 0.2, labels=(0, 1)))
    assert values(found) == pytest.approx(
        {
            "real": (log(4 / 3) + log(2)) / 2,
            "fake": log(5 / 4),
            "real_class": (log(8 / 5) + log(8)) / 2,
            "fake_class": weight * class_cost(variant.generator.asked[-1].tolist()),
        }
    )
    found = variant.generator_loss(batch(0.1, 0.2, labels=(0, 1)))
    drawn = variant.generator.asked[-1].tolist()
    assert values(found) == pytest.approx({"fool": log(5), "class": class_cost(drawn)})


def test_every_class_is_drawn_alike(make: Make) -> None:
    """Trap (ZN): `randint(0, 9)` never draws class 9."""
    variant: Any = make("acgan")
    counts = torch.bincount(variant.draw_classes(torch.empty(4000, 1)), minlength=4)
    assert len(counts) == 4
    assert counts.min() > 850


def test_the_class_loss_of_a_step_teaches_one_network_alone(make: Make, real: Batch) -> None:
    """Trap (HW): a third optimiser steps D, C and G on the class loss, and it collapses."""
    variant: Any = make("acgan", fake_class=1.0)
    only(variant, variant.discriminator_parameters())
    variant.discriminator_loss(real)["fake_class"].backward()
    assert variant.discriminator.heads["classes"].weight.grad.abs().sum() > 0
    assert all(p.grad is None for p in variant.generator.parameters())
    variant.discriminator.zero_grad()
    only(variant, variant.generator_parameters())
    variant.generator_loss(real)["class"].backward()
    assert any(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
    assert all(p.grad is None for p in variant.discriminator.parameters())


def test_the_discriminator_is_not_told_the_class(make: Make) -> None:
    variant = make("acgan")
    assert variant.discriminator.plane is None
    assert variant.discriminator.widths == {"realness": 1, "classes": 4}
    judged = rig(make, "acgan", Looks(ANSWERS), (0.3,))
    judged.discriminator_loss(batch(0.1, 0.2, labels=(0, 1)))
    judged.generator_loss(batch(0.1, 0.2, labels=(0, 1)))
    assert judged.discriminator.labels == [None, None, None]


def test_values(make: Make) -> None:
    assert defaults("acgan") == {"fake_class": 0.0}
    assert bounds("acgan", "fake_class", 0)
