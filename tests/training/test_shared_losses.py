"""Losses that more than one paper shares, by hand."""

from math import log

import pytest
import torch
from torch import Tensor

from training.losses import away_from, call_fake, call_real, name_class

LOGITS = torch.tensor([log(3), -log(4)])  # sigmoids 3/4 and 1/5


def test_binary_losses_by_hand() -> None:
    assert call_real(LOGITS).item() == pytest.approx((log(4 / 3) + log(5)) / 2)
    assert call_fake(LOGITS).item() == pytest.approx((log(4) + log(5 / 4)) / 2)


def test_slopes_by_hand() -> None:
    """d/dl -log s = s - 1, d/dl -log(1 - s) = s, d/do (o - t)^2 / 2 = o - t, softmax - one-hot."""
    logits = LOGITS.clone().requires_grad_()

    def slope(loss: Tensor) -> list[float]:
        (found,) = torch.autograd.grad(loss, logits)
        return [round(x, 5) for x in found.tolist()]

    assert slope(call_real(logits)) == [-0.125, -0.4]  # halves, as of a mean of two
    assert slope(call_fake(logits)) == [0.375, 0.1]
    assert slope(away_from(0.0, logits)) == [round(x / 2, 5) for x in (log(3), -log(4))]
    assert slope(name_class(logits[None], torch.tensor([1]))) == [0.92308, -0.92308]  # 12/13


def test_binary_losses_of_extreme_logits_are_finite() -> None:
    """log(sigmoid(x)) written out is infinite here."""
    for logit in (-1e4, 1e4):
        assert call_real(torch.tensor([logit])).item() == pytest.approx(max(0, -logit))
        assert call_fake(torch.tensor([logit])).item() == pytest.approx(max(0, logit))


def test_squares_by_hand() -> None:
    """Traps: of a sigmoid (CG, early HW), which never gets to 3; the root of the sum (HW)."""
    assert away_from(1.0, torch.tensor([3.0, 0.0])).item() == pytest.approx((4 + 1) / 4)
    assert away_from(-2.0, torch.tensor([3.0])).item() == pytest.approx(25 / 2)
    assert away_from(3.0, torch.tensor([3.0])).item() == 0


def test_class_loss_by_hand() -> None:
    """Trap (PG): after a softmax, to be sure and right would still cost 1.46 of 10 classes."""
    logits = torch.tensor([[log(5), 0.0, 0.0, 0.0], [log(5), 0.0, 0.0, 0.0]])
    found = name_class(logits, torch.tensor([0, 3]))
    assert found.item() == pytest.approx((log(8 / 5) + log(8)) / 2)
    sure = 50 * torch.eye(10)[3:4]
    assert name_class(sure, torch.tensor([3])).item() == pytest.approx(0, abs=1e-6)


def test_a_class_loss_without_labels_is_an_error() -> None:
    with pytest.raises(ValueError, match="no labels"):
        name_class(torch.zeros(1, 10), None)


def test_losses_of_half_precision_are_in_full_precision() -> None:
    """bfloat16 has three digits: a mean of many terms would stand still."""
    half = torch.tensor([[1.0, 2.0]], dtype=torch.bfloat16)
    for found, expected in (
        (call_real(half), (0.3132617 + 0.1269280) / 2),
        (call_fake(half), (1.3132617 + 2.1269280) / 2),
        (away_from(0.1, half), (0.81 + 3.61) / 4),
        (name_class(half, torch.tensor([0])), 1.3132617),
    ):
        assert found.dtype == torch.float32
        assert found.item() == pytest.approx(expected, abs=1e-6)
