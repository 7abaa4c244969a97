"""Matching: what clusters that were found without labels are called, once labels are shown."""

import torch
from torch import Tensor

NOTHING = -1


def majority(clusters: Tensor, labels: Tensor, count: int) -> Tensor:
    """Give each of `count` clusters the label that most of its images have: (N,), (N,) to (count,).

    Several clusters may share a label (Springenberg 2015, "catGAN", §5.1). A cluster without
    images is given NOTHING, which is no image's label.
    """
    votes = torch.zeros(count, int(labels.max()) + 1, dtype=torch.int64)
    votes.index_put_((clusters, labels), torch.ones_like(labels), accumulate=True)
    return torch.where(votes.any(dim=1), votes.argmax(dim=1), NOTHING)


def error(named: Tensor, labels: Tensor) -> float:
    """Return the share of images that are given another label than theirs."""
    return int((named != labels).sum()) / len(labels)
