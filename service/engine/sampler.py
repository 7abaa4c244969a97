"""Sampler: from latents and classes to pixels. It knows torch and nothing of queues or HTTP."""

import numpy as np
import torch
from torch import Tensor

from models import latents
from models.networks import Generator
from models.pixels import Pixels, quantise
from service.engine.cost import Cost
from service.engine.placing import Place, Placed
from service.engine.work import Blend, Classes, Drawing, Samples


class Sampler:
    """A generator in its place."""

    def __init__(self, place: Place, generator: Generator) -> None:
        self.place = place
        seeds = np.arange(place.capacity)
        classes = latents.classes(seeds, generator.classes) if generator.classes else None
        work = Samples(seeds, classes)
        self.placed: Placed[Generator] = place.place(
            generator, lambda network, size: self.forward(network, work.rows(0, size), size)
        )
        network, fit = self.placed.network, self.placed.sizes.fit
        self.cost = Cost.measure(
            lambda size: quantise(self.forward(network, work.rows(0, size), fit(size))),
            place.capacity,
        )

    def draw(self, work: Drawing) -> Pixels:
        """Make the images of all rows of a work: (n, H, W, C)."""
        rows = self.placed.sizes.fit(len(work))
        return quantise(self.forward(self.placed.network, work, rows)[: len(work)])

    @torch.inference_mode()
    def forward(self, generator: Generator, work: Drawing, rows: int) -> Tensor:
        """Run the network on `rows` rows, of which the work fills the first."""
        z = self.place.tensor(work.latents(generator.latents))
        condition = self.embed(generator, work.classes_of_rows())
        return generator(
            self.place.fill(z, rows),
            None if condition is None else self.place.fill(condition, rows),
        )

    def embed(self, generator: Generator, classes: Classes | Blend | None) -> Tensor | None:
        """Turn classes into conditions (n, embedding); between two of them on a straight line."""
        if classes is None:
            return None
        if isinstance(classes, Blend):
            origin = generator.embed(self.place.tensor(classes.origin))
            target = generator.embed(self.place.tensor(classes.target))
            share = self.place.tensor(classes.share)[:, None]
            return torch.lerp(origin.float(), target.float(), share)
        return generator.embed(self.place.tensor(classes))
