import pytest
import torch
from torch import Tensor

from training.evaluate import manifolds as module
from training.evaluate.manifolds import Manifolds, manifolds


def line(*places: float) -> Tensor:
    return torch.tensor(places)[:, None]


def test_by_hand() -> None:
    """k = 1. Radii of X: 1, 1, 1, 5; of Y: 3.5, 3.5, 100.

    -0.5 is in the ball of 0, 3 in that of 7 alone (2's is open), 103 in none.
    0, 1 and 2 are in the ball of -0.5, 7 is in that of 103. The balls of 1 and 2 hold nothing.
    """
    found = manifolds(line(0, 1, 2, 7), line(-0.5, 3, 103), k=1)
    assert found == Manifolds(precision=2 / 3, recall=1, density=2 / 3, coverage=0.5)


def test_a_set_against_itself_is_perfect() -> None:
    points = torch.rand(40, 3, generator=torch.Generator().manual_seed(0))
    found = manifolds(points, points)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)


def test_sets_far_apart_share_nothing() -> None:
    points = torch.rand(40, 3, generator=torch.Generator().manual_seed(0))
    assert manifolds(points, points + 100) == Manifolds(
        precision=0, recall=0, density=0, coverage=0
    )


def test_half_of_the_modes_is_precise_and_recalls_half() -> None:
    random = torch.Generator().manual_seed(0)
    left, right = torch.rand(50, 3, generator=random), 100 + torch.rand(50, 3, generator=random)
    found = manifolds(torch.cat([left, right]), torch.rand(100, 3, generator=random))
    assert found.precision > 0.9
    assert found.recall == pytest.approx(0.5, abs=0.05)
    assert found.coverage == pytest.approx(0.5, abs=0.05)


def test_an_outlier_of_the_real_set_misleads_precision_but_not_density() -> None:
    """Naeem et al. 2020, figure 3 (a): one ball of an outlier holds everything between."""
    random = torch.Generator().manual_seed(0)
    real = torch.cat([torch.rand(99, 2, generator=random), torch.tensor([[50.0, 50.0]])])
    between = 20 + torch.rand(100, 2, generator=random)
    found = manifolds(real, between)
    assert found.precision == 1
    assert found.density == pytest.approx(0.2)


@pytest.mark.parametrize("megabytes", [64, 0.01])
def test_answers_are_those_of_the_authors_package(
    megabytes: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """prdc 0.2, whose `compute_prdc(real, fake, 5)` gave these numbers; in one part and in many."""
    monkeypatch.setattr(module, "MEGABYTES", megabytes)
    random = torch.Generator().manual_seed(1)
    real = torch.rand(300, 5, generator=random)
    fake = torch.rand(200, 5, generator=random) * 1.02 + 0.01
    found = manifolds(real, fake, 5)
    assert found.precision == pytest.approx(0.985)
    assert found.recall == pytest.approx(0.9833333)
    assert found.density == pytest.approx(0.972)
    assert found.coverage == pytest.approx(0.8633333)
