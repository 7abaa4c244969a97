import itertools

import pytest
import torch
from torch import Tensor

from models.errors import UserError
from training.evaluate import distances
from training.evaluate.distances import fid, fid_to, frechet, kid, score


def gaussian(mean: Tensor, covariance: Tensor, seed: int, count: int = 400) -> Tensor:
    """Draw rows whose sample mean and covariance are exactly these: (count, F)."""
    random = torch.Generator().manual_seed(seed)
    x = torch.randn(count, len(mean), generator=random, dtype=torch.float64)
    x = x - x.mean(0)
    white = x @ torch.linalg.inv(torch.linalg.cholesky(x.T.cov())).T
    return white @ torch.linalg.cholesky(covariance).T + mean


@pytest.fixture
def turn() -> Tensor:
    random = torch.Generator().manual_seed(9)
    return torch.linalg.qr(torch.randn(3, 3, generator=random, dtype=torch.float64)).Q


def test_fid_of_two_gaussians_is_the_closed_form(turn: Tensor) -> None:
    """|m - n|^2 + sum (s_i - t_i)^2 where the covariances share their axes."""
    m, n = torch.tensor([0.0, 1.0, 2.0]).double(), torch.tensor([1.0, 1.0, 0.0]).double()
    s, t = torch.tensor([1.0, 2.0, 3.0]).double(), torch.tensor([2.0, 2.0, 0.5]).double()
    real = gaussian(m, turn @ (s**2).diag() @ turn.T, seed=1)
    fake = gaussian(n, turn @ (t**2).diag() @ turn.T, seed=2)
    assert fid(real, fake) == pytest.approx((1 + 0 + 4) + (1 + 0 + 2.5**2), rel=1e-6)


def test_fid_of_gaussians_on_different_axes_is_the_closed_form(turn: Tensor) -> None:
    """Against the identity: |m|^2 + Tr(C) + F - 2 Tr(C^(1/2)), whatever the axes of C."""
    m = torch.tensor([0.5, 0.0, 0.0]).double()
    t = torch.tensor([2.0, 3.0, 0.1]).double()
    real = gaussian(torch.zeros(3).double(), torch.eye(3).double(), seed=1)
    fake = gaussian(m, turn @ (t**2).diag() @ turn.T, seed=2)
    assert fid(real, fake) == pytest.approx(0.25 + 13.01 + 3 - 2 * 5.1, rel=1e-6)


def test_fid_of_fewer_images_than_features_is_a_number() -> None:
    rows = torch.randn(20, 50, generator=torch.Generator().manual_seed(0))
    assert fid(rows, rows) == pytest.approx(0, abs=1e-3)
    assert fid(rows, rows + 1) == pytest.approx(50, rel=1e-3)


def test_statistics_serve_many_times_and_remember_no_samples() -> None:
    random = torch.Generator().manual_seed(0)
    real, near, far = (torch.randn(50, 4, generator=random) for _ in range(3))
    statistics = frechet(real)
    first = fid_to(statistics, near)
    assert fid_to(statistics, far + 5) > first
    assert fid_to(statistics, near) == first == fid(real, near)


def test_kid_is_the_unbiased_formula() -> None:
    """Binkowski et al. 2018, equation 4, worked out pair by pair on sets of one subset."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(6, 3, generator=random).double()
    y = torch.randn(6, 3, generator=random).double() + 1

    def k(a: Tensor, b: Tensor) -> float:
        return float((a @ b / 3 + 1) ** 3)

    pairs = list(itertools.permutations(range(6), 2))
    within = sum(k(x[i], x[j]) + k(y[i], y[j]) for i, j in pairs) / len(pairs)
    across = sum(k(a, b) for a in x for b in y) / 36
    assert kid(x, y) == pytest.approx(within - 2 * across, rel=1e-9)


def test_kid_of_one_distribution_is_about_zero_and_of_two_is_not() -> None:
    random = torch.Generator().manual_seed(0)
    real, same, other = (torch.randn(400, 8, generator=random) for _ in range(3))
    assert abs(kid(real, same)) < 0.01
    assert kid(real, other + 0.5) > 0.1


def test_score_counts_the_classes_that_are_named_surely() -> None:
    sure = 50 * torch.eye(4).repeat(100, 1)
    assert score(sure) == pytest.approx(4, rel=0.06)  # a split holds some classes more often
    assert score(sure[::4]) == pytest.approx(1)
    assert score(torch.zeros(100, 4)) == pytest.approx(1)


def test_figures_are_the_same_twice_and_leave_random_numbers_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(distances, "SUBSET", 50)  # so that which images are chosen matters
    random = torch.Generator().manual_seed(0)
    real, fake = (torch.randn(200, 8, generator=random) for _ in range(2))
    before = torch.get_rng_state()
    first = (kid(real, fake), score(fake))
    torch.randn(5)
    assert (kid(real, fake), score(fake)) == first
    torch.set_rng_state(before)
    kid(real, fake)
    score(fake)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_library_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(distances, "import_module", broken)
    with pytest.raises(UserError, match=r"torchvision::nms.*pip install 'ganforge\[train\]'"):
        fid(torch.zeros(3, 1), torch.zeros(3, 1))
