"""Distances between two sets of features, and the score of one set of logits, by torchmetrics.

torchmetrics gives networks images; here it is given what a view has already seen, once for all
figures. It is imported where it is used: it takes seconds, which no other command waits for.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models.errors import UserError

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

SUBSETS = 100
SUBSET = 1000
SPLITS = 10


class Seen(nn.Module):
    """The network that torchmetrics asks for, where all is seen already: rows (N, F) to rows."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, rows: Tensor) -> Tensor:
        """Return what is given."""
        return rows


def image_metrics(name: str) -> Any:
    """Import `torchmetrics.image.NAME`. Raises UserError."""
    try:
        return import_module(f"torchmetrics.image.{name}")
    except (ImportError, RuntimeError) as error:
        # It imports torch-fidelity where that is installed, which fails beside a wrong torchvision.
        raise UserError(
            f"torchmetrics cannot be imported ({error}): pip install 'ganforge[train]', and beside "
            "torch-fidelity the torchvision that belongs to this torch"
        ) from error


@contextmanager
def fixed() -> Iterator[None]:
    """Draw subsets and splits the same each time; leave the caller's random numbers alone."""
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # Kept features are what we want, and a few megabytes.
        warnings.filterwarnings("ignore", "Metric .* will save all extracted features", UserWarning)
        torch.default_generator.manual_seed(0)
        yield


def frechet(real: Tensor) -> "FrechetInceptionDistance":
    """Take the statistics of real features (N, F), ready to be compared with others'."""
    statistics: FrechetInceptionDistance = image_metrics("fid").FrechetInceptionDistance(
        Seen(real.shape[1]), reset_real_features=False, sync_on_compute=False
    )
    statistics.update(real.double(), real=True)
    return statistics


def fid_to(statistics: "FrechetInceptionDistance", features: Tensor) -> float:
    """Compare features (N, F) with statistics: Heusel et al. 2017, equation 6.

    |m - m_w|^2 + Tr(C + C_w - 2 (C C_w)^(1/2))
    """
    statistics.reset()  # of the other side alone
    statistics.update(features.double(), real=False)
    return float(statistics.compute())


def fid(real: Tensor, features: Tensor) -> float:
    """Compare two sets of features (N, F) and (M, F): Heusel et al. 2017, equation 6."""
    return fid_to(frechet(real), features)


def kid(real: Tensor, features: Tensor) -> float:
    """Compare two sets of features (N, F) and (M, F): Binkowski et al. 2018, §4.

    The squared maximum mean discrepancy, unbiased, with the kernel (x^T y / F + 1)^3; the mean of
    SUBSETS pairs of subsets.
    """
    with fixed():
        metric = image_metrics("kid").KernelInceptionDistance(
            Seen(real.shape[1]),
            subsets=SUBSETS,
            subset_size=subset(real, features),
            sync_on_compute=False,
        )
        metric.update(real.double(), real=True)
        metric.update(features.double(), real=False)
        return float(metric.compute()[0])


def subset(real: Tensor, features: Tensor) -> int:
    """Say how many of either set are compared at once."""
    return min(SUBSET, len(real), len(features))


def score(logits: Tensor) -> float:
    """Return exp E KL(p(y|x) || p(y)) of logits (N, K): Salimans et al. 2016, §4, over SPLITS."""
    with fixed():
        metric = image_metrics("inception").InceptionScore(
            Seen(logits.shape[1]), splits=SPLITS, sync_on_compute=False
        )
        metric.update(logits.double())
        return float(metric.compute()[0])
