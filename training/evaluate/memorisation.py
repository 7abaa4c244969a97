"""Memorisation: whether samples are nearer to the training images than unseen real images are.

The test of Meehan et al. 2020, "A Non-Parametric Test to Detect Data-Copying in Generative
Models", §3: if a generator has learnt the distribution, the distance from a sample to its nearest
training image is distributed as that of a test image. Distances are Euclidean between pixels, so
that no network decides what looks alike.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from models.card import Metric
from training.data import DataSet
from training.evaluate.real import Real, part

LOOKED_AT = 2_000  # each needs the distance to every training image
NEAR = 0.01
CHUNK = 8_192  # training images that are floats at once

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbours:
    """The nearest training images of n images: which, and how far, (n, k), the nearest first."""

    places: npt.NDArray[np.int64]
    distances: Floats


def nearest(images: Tensor, training: DataSet, count: int = 1) -> Neighbours:
    """Find the nearest training images of uint8 images (n, C, S, S), by pixels from 0 to 1."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    asked = flat(images)
    places = np.zeros((len(asked), 0), np.int64)
    distances = np.zeros((len(asked), 0), np.float32)
    for start in range(0, len(training), CHUNK):
        some = flat(training.images[start : start + CHUNK])
        finder = NearestNeighbors(n_neighbors=min(count, len(some)), algorithm="brute").fit(some)
        found, where = finder.kneighbors(asked)
        distances = np.hstack([distances, found])
        places = np.hstack([places, where + start])
        order = distances.argsort(axis=1, kind="stable")[:, :count]
        distances = np.take_along_axis(distances, order, axis=1)
        places = np.take_along_axis(places, order, axis=1)
    return Neighbours(places=places, distances=distances)


def flat(images: Tensor) -> Floats:
    """Lay uint8 images (n, C, S, S) out as rows (n, C S S) from 0 to 1."""
    rows: Floats = images.flatten(1).float().div_(255).numpy()
    return rows


def memorisation(samples: Tensor, real: Real) -> dict[str, Metric]:
    """Compare samples (n, C, S, S) with test images, by how near each is to a training image."""
    samples, test = samples[:LOOKED_AT], part(real.test, LOOKED_AT).pixels
    mine = nearest(samples, real.train).distances[:, 0]
    unseen = nearest(test, real.train).distances[:, 0]
    near = np.quantile(unseen, NEAR, method="lower")
    how = (
        f"the nearest of {len(real.train)} training images, by pixels: {len(mine)} samples and "
        f"{len(unseen)} real test images (Meehan et al. 2020, §3)"
    )
    return {
        "copied": Metric(
            value=float((mine <= near).mean()),
            floor=float((unseen <= near).mean()),
            protocol=f"share of samples as near as the nearest {NEAR:.0%} of test images to {how}",
        ),
        "nearer": Metric(
            value=probability_below(mine, unseen),
            floor=probability_below(unseen, unseen),
            protocol=f"probability that a sample is nearer than a test image to {how}",
        ),
    }


def probability_below(a: Floats, b: Floats) -> float:
    """Return P(a < b) + P(a = b) / 2, Mann and Whitney's U over the number of pairs."""
    ordered = np.sort(b)
    above = len(b) - np.searchsorted(ordered, a, side="right")
    equal = np.searchsorted(ordered, a, side="right") - np.searchsorted(ordered, a, side="left")
    return float((above + equal / 2).mean() / len(b))
