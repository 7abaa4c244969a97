"""Where a penalty looks, and what norm it wants there, by hand."""

from collections.abc import Callable
from math import sqrt

import pytest
import torch
from torch import Tensor, nn

from training.penalties import (
    between,
    gradient_norm,
    hinged,
    near,
    near_normal,
    squared,
    two_sided,
)

HALF = torch.bfloat16


def bowl(x: Tensor) -> Tensor:
    """|x|^2 / 2, whose gradient is x."""
    return 0.5 * x.flatten(1).square().sum(1)


def test_points_between_have_one_alpha_a_sample() -> None:
    """Traps: one alpha a pixel (HW, PG), one alpha a batch (XY)."""
    torch.manual_seed(0)
    real, fake = torch.full((500, 3, 4, 4), 2.0), torch.full((500, 3, 4, 4), 6.0)
    alpha = (between(real, fake).flatten(1) - 2) / 4
    assert (alpha == alpha[:, :1]).all()
    assert len(alpha[:, 0].unique()) > 450
    assert 0 <= alpha.min() < 0.02
    assert 0.98 < alpha.max() <= 1
    assert alpha.mean().item() == pytest.approx(0.5, abs=0.05)


def test_points_between_lie_on_the_line_of_their_own_two_ends() -> None:
    real = torch.tensor([[0.0, 0.0], [5.0, 5.0]])
    fake = torch.tensor([[2.0, 4.0], [5.0, 5.0]])
    points = between(real, fake)
    assert points[0, 1].item() == pytest.approx(2 * points[0, 0].item())
    assert points[1].tolist() == [5, 5]


def test_points_between_do_not_reach_back_into_the_generator() -> None:
    fake = torch.ones(2, 1, 4, 4, requires_grad=True)
    assert not between(torch.zeros(2, 1, 4, 4), fake).requires_grad


def test_points_near_are_up_to_half_a_deviation_away_each_pixel_anew() -> None:
    """U(0, h) has mean h/2 and deviation h/sqrt 12; h is half the batch's own deviation."""
    torch.manual_seed(0)
    real = torch.cat([torch.full((32, 1, 8, 8), 10.0), torch.full((32, 1, 8, 8), 4.0)])
    away = near(real) - real  # the batch deviates by 3, an image by 0
    assert 0 <= away.min() < 0.01
    assert 1.49 < away.max() <= 1.501
    assert away.mean().item() == pytest.approx(0.75, abs=0.03)
    assert away.flatten(1).std(1).mean().item() == pytest.approx(1.5 / sqrt(12), rel=0.05)
    assert away.mean((1, 2, 3)).std() < 0.1


def test_points_near_by_a_normal_are_centred_on_the_images() -> None:
    torch.manual_seed(0)
    real = torch.full((64, 1, 8, 8), 10.0)
    away = near_normal(real, 0.1) - real
    assert away.mean().item() == pytest.approx(0, abs=0.01)
    assert away.std().item() == pytest.approx(0.1, rel=0.05)
    assert away.flatten(1).std(1).mean().item() == pytest.approx(0.1, rel=0.05)
    assert near_normal(real, 0.0).equal(real)


@pytest.mark.parametrize(
    "sample",
    [lambda x: between(x, x), near, lambda x: near_normal(x, 0.1), lambda x: between(x.float(), x)],
)
def test_points_are_in_full_precision(sample: Callable[[Tensor], Tensor]) -> None:
    """What was made in half precision is moved in full: bfloat16 has three digits."""
    half = torch.rand(64, 1, 4, 4).to(HALF)
    torch.manual_seed(0)
    points = sample(half)
    assert points.dtype == torch.float32
    torch.manual_seed(0)
    assert points.equal(sample(half.float()))


def test_the_norm_is_of_the_whole_sample() -> None:
    """Trap (HW and others): over one axis; |(3, 4)| laid out in any shape is 5."""
    for shape in ((2, 1, 1), (1, 2, 1), (1, 1, 2)):
        x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [6.0, 8.0]]).view(3, *shape)
        assert gradient_norm(bowl, x).tolist() == pytest.approx([5, 0, 10])


def test_the_gradient_is_of_each_image_on_its_own() -> None:
    x = torch.ones(1, 1, 2, 2)
    assert gradient_norm(bowl, x.expand(7, 1, 2, 2)).tolist() == pytest.approx([2.0] * 7)


def test_the_penalty_teaches_the_critic() -> None:
    """Its gradient by w is 2 (|w| - 1) w / |w|: double backward works."""
    w = torch.tensor([1.8, 2.4], requires_grad=True)  # of norm 3
    two_sided(gradient_norm(lambda x: x @ w, torch.rand(5, 2))).backward()
    assert w.grad is not None
    assert w.grad.tolist() == pytest.approx([4 * 0.6, 4 * 0.8])


def test_the_penalty_does_not_reach_back_to_where_the_points_came_from() -> None:
    x = torch.ones(3, 2, requires_grad=True)
    w = torch.ones(2, requires_grad=True)
    gradient_norm(lambda points: points.square() @ w, x).sum().backward()
    assert w.grad is not None
    assert x.grad is None


def test_the_norm_is_in_full_precision_under_autocast() -> None:
    layer = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[3.001, 4.001]]))
    with torch.autocast("cpu", dtype=HALF):
        assert layer(torch.ones(1, 2)).dtype == HALF
        norm = gradient_norm(lambda x: layer(x).squeeze(1), torch.rand(5, 2).to(HALF))
    assert norm.dtype == torch.float32
    assert norm.tolist() == pytest.approx([sqrt(3.001**2 + 4.001**2)] * 5, abs=1e-6)


NORMS = torch.tensor([0.5, 3.0])


@pytest.mark.parametrize(
    ("penalty", "target", "expected"),
    [
        (two_sided, 1.0, (0.25 + 4) / 2),
        (two_sided, 2.0, (2.25 + 1) / 2),
        (hinged, 1.0, (0 + 8) / 2),
        (hinged, 2.0, (0 + 7) / 2),
        (hinged, 0.0, (0.25 + 9) / 2),
    ],
)
def test_norms_are_penalised_by_hand(
    penalty: Callable[[Tensor, float], Tensor], target: float, expected: float
) -> None:
    assert penalty(NORMS, target).item() == pytest.approx(expected)


def test_the_target_is_1_where_none_is_named() -> None:
    assert two_sided(NORMS).item() == pytest.approx((0.25 + 4) / 2)
    assert hinged(NORMS).item() == pytest.approx((0 + 8) / 2)


def test_any_slope_is_penalised_by_hand() -> None:
    assert squared(NORMS).item() == pytest.approx((0.25 + 9) / 2)


@pytest.mark.parametrize(
    ("penalty", "slope"), [(two_sided, [-0.5, 2.0]), (hinged, [0.0, 3.0]), (squared, [0.5, 3.0])]
)
def test_penalties_pull_norms_by_hand(
    penalty: Callable[[Tensor], Tensor], slope: list[float]
) -> None:
    """Halves, as of a mean of two, of 2 (n - 1), of 2 n above 1, and of 2 n."""
    norms = NORMS.clone().requires_grad_()
    (found,) = torch.autograd.grad(penalty(norms), norms)
    assert found.tolist() == pytest.approx(slope)
