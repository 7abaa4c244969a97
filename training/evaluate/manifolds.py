"""Manifolds: how far one set of features lies within another, neighbourhood by neighbourhood.

Precision and recall: Kynkäänniemi et al. 2019, §3. Density and coverage: Naeem et al. 2020, §3.
The formulas, and the answers to the last digit, are those of Naeem's own package `prdc`; it holds
three N x M tables of float64 at once and prints, so that the table is gone through here in parts.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

NEIGHBOURS = 5  # Naeem et al. 2020, §3.3
MEGABYTES = 64

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Manifolds:
    """Four shares; `density` alone may pass 1."""

    precision: float
    recall: float
    density: float
    coverage: float


def manifolds(real: Tensor, fake: Tensor, k: int = NEIGHBOURS) -> Manifolds:
    """Compare features (N, F) and (M, F), N and M over k, by balls that reach the k-th neighbour.

    precision   share of Y in at least one ball of X
    recall      share of X in at least one ball of Y
    density     1 / (k M) sum_j sum_i 1[Y_j in the ball of X_i]
    coverage    share of X whose ball holds at least one of Y
    """
    from sklearn.metrics import pairwise_distances_chunked  # slow to import

    X, Y = real.numpy(), fake.numpy()
    X_radii, Y_radii = radii(X, k), radii(Y, k)
    holders = np.zeros(len(Y), np.int64)  # of how many balls of X each of Y is in
    recalled = covered = row = 0
    for apart in pairwise_distances_chunked(X, Y, working_memory=MEGABYTES):  # (rows, M)
        in_X = apart < X_radii[row : row + len(apart), None]
        holders += in_X.sum(axis=0)
        covered += int(in_X.any(axis=1).sum())
        recalled += int((apart < Y_radii).any(axis=1).sum())
        row += len(apart)
    return Manifolds(
        precision=float((holders > 0).mean()),
        recall=recalled / len(X),
        density=float(holders.mean() / k),
        coverage=covered / len(X),
    )


def radii(points: Floats, k: int) -> Floats:
    """Measure from each point to its k-th nearest other: (N, F) to (N,)."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    found, _ = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points).kneighbors()
    radius: Floats = found[:, -1]
    return radius
