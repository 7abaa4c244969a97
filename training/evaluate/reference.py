"""Reference: the statistics of real images, for a distance that is quick enough for every epoch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from models.errors import UserError
from models.networks import Generator
from training.data import DataSet
from training.evaluate.distances import fid_to, frechet
from training.evaluate.protocols import bundled_view
from training.evaluate.real import part
from training.evaluate.served import drawn_classes, seeds_from, served
from training.evaluate.view import View

if TYPE_CHECKING:
    from torchmetrics.image.fid import FrechetInceptionDistance

IMAGES = 10_000
# Neither the seeds nor the images of `ganforge evaluate`, so that its figures stay independent of
# what was chosen by this one.
FIRST_SEED = 1_000_000
PRECISION = "auto"


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """A view, and what it sees in real training images."""

    view: View
    statistics: "FrechetInceptionDistance"

    @classmethod
    def of(cls, data: DataSet, device: torch.device, view: View | None = None) -> "Reference":
        """Look at 10,000 training images, by default with the bundled classifier.

        Raises ClassifierError where none is bundled, and UserError where it does not fit.
        """
        view = view or bundled_view(data.name, device)
        found = tuple(data.images.shape[1:])
        if view.shape not in (None, found):
            raise UserError(
                f"{data.name} is {found}, {view.about} takes {view.shape}: train at that size, or "
                "bring a classifier of this one"
            )
        look = view.look(part(data, IMAGES).pixels, precision=PRECISION)
        return cls(view=view, statistics=frechet(look.features))


def in_domain_distance(generator: Generator, reference: Reference, samples: int = 5_000) -> float:
    """Return the Fréchet distance from a generator's samples to real training images.

    To compare epochs by, not to report: quick arithmetic, half as many samples, other images.
    """
    seeds = seeds_from(FIRST_SEED, samples)
    images = served(generator, seeds, drawn_classes(generator, seeds))
    look = reference.view.look(images, precision=PRECISION)
    return fid_to(reference.statistics, look.features)
