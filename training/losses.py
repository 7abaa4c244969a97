"""Losses that more than one paper shares, on logits."""

import torch.nn.functional as F
from torch import Tensor


def call_real(logits: Tensor) -> Tensor:
    """Cost of not calling these real: E[-log sigmoid(logits)]."""
    return F.softplus(-logits.float()).mean()


def call_fake(logits: Tensor) -> Tensor:
    """Cost of not calling these fake: E[-log(1 - sigmoid(logits))]."""
    return F.softplus(logits.float()).mean()


def away_from(target: float, outputs: Tensor) -> Tensor:
    """Cost of raw outputs that are not the target: 1/2 E[(output - target)^2]."""
    return 0.5 * (outputs.float() - target).square().mean()


def name_class(logits: Tensor, labels: Tensor | None) -> Tensor:
    """Cost of not naming these classes: E[-log softmax(logits)[label]], logits (B, K)."""
    if labels is None:
        raise ValueError("the batch has no labels")
    return F.cross_entropy(logits.float(), labels)
