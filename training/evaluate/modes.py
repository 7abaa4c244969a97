"""Modes: how many Gaussians of a mixture a model's points find, how closely and how evenly.

As in VEEGAN (Srivastava et al. 2017, §4.1) and PacGAN (Lin et al. 2018, §4.1): a point is of high
quality within three deviations of the nearest centre, and a mode is found if it is the nearest of
at least one such point.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.evaluate.points import Mixture
from training.evaluate.stacked import found, kl_to_uniform

SAMPLES = 2_500
REACH = 3  # deviations


@dataclass(frozen=True, kw_only=True)
class Modes:
    """Modes found, share of points of high quality, and KL, in nats, to evenly many a mode."""

    found: int
    quality: float
    kl: float


def count_modes(points: Tensor, mixture: Mixture) -> Modes:
    """Judge points (N, 2). Each counts for the mode whose centre is nearest."""
    distance, nearest = torch.cdist(points.double(), mixture.centres.double()).min(dim=1)  # (N,)
    good = distance <= REACH * mixture.deviation
    return Modes(
        found=int(found(nearest[good].numpy())),
        quality=float(good.double().mean()),
        kl=kl_to_uniform(nearest.numpy(), mixture.modes),
    )


def protocol(mixture: Mixture, samples: int = SAMPLES) -> str:
    """Say how these figures are measured."""
    return (
        f"{samples} points of the averaged generator, {mixture.about}: a point is of high quality "
        f"within {REACH} deviations of the nearest centre, a mode is found if it is the nearest of "
        "at least one such point; KL, in nats, from the histogram of the nearest modes of all "
        "points to an even one (VEEGAN, §4.1, and PacGAN, §4.1)"
    )
