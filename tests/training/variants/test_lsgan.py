"""LSGAN: Mao et al. 2016."""

import pytest

from tests.training.variants.rigged import Looks, Make, batch, defaults, rig, takes, values

SAYS = {0.1: 0.5, 0.2: 2.0, 0.3: -1.0, 0.4: 3.0}
ANSWERS = {grey: {"realness": output} for grey, output in SAYS.items()}


@pytest.mark.parametrize(
    ("targets", "real", "fake", "fool"),
    [  # halves of the mean square of (.5, 2) - b, of (-1, 3) - a and of (-1, 3) - c
        ({}, (0.25 + 1) / 4, (1 + 9) / 4, (4 + 4) / 4),
        ({"a": -1, "b": 1, "c": 0}, (0.25 + 1) / 4, (0 + 16) / 4, (1 + 9) / 4),
        ({"a": 2, "b": 3, "c": 4}, (6.25 + 1) / 4, (9 + 1) / 4, (25 + 1) / 4),
    ],
)
def test_by_hand(
    make: Make, targets: dict[str, float], real: float, fake: float, fool: float
) -> None:
    """Traps: squares of a sigmoid (CG, early HW), the square root of the sum (HW)."""
    variant = rig(make, "lsgan", Looks(ANSWERS), (0.3, 0.4), **targets)
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": real, "fake": fake})
    assert values(variant.generator_loss(batch(0.1, 0.2))) == pytest.approx({"fool": fool})


def test_the_papers_values() -> None:
    assert defaults("lsgan") == {"a": 0.0, "b": 1.0, "c": 1.0}
    assert takes("lsgan", a=-1, b=1, c=0)
