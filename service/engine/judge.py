"""Judge: what a discriminator says of images, and what an auto-encoder makes of them."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.networks import AutoEncoder, Discriminator
from models.pixels import Pixels, quantise
from service.engine.placing import Place, Placed
from service.engine.work import Floats, Seen


class Judge:
    """A discriminator in its place."""

    def __init__(self, place: Place, discriminator: Discriminator, channels: int) -> None:
        self.place = place
        shape = (place.capacity, channels, discriminator.size, discriminator.size)
        images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        work = Seen(images, np.zeros(len(images), np.int64))
        self.placed: Placed[Discriminator] = place.place(
            discriminator, lambda network, size: self.forward(network, work.rows(0, size), size)
        )

    def judge(self, work: Seen) -> Floats:
        """Return the outputs of all heads beside one another, (n, sum of their widths)."""
        rows = self.placed.sizes.fit(len(work))
        return self.forward(self.placed.network, work, rows)[: len(work)].cpu().numpy()

    def rebuild(self, work: Seen) -> Pixels:
        """Return what an auto-encoder makes of each image: (n, H, W, C)."""
        network = self.placed.network
        assert isinstance(network, AutoEncoder), "the route asks only a model that has one"
        with torch.inference_mode():
            x = self.images(work, self.placed.sizes.fit(len(work)))
            return quantise(network.reconstruct(x)[: len(work)])

    @torch.inference_mode()
    def forward(self, network: Discriminator, work: Seen, rows: int) -> Tensor:
        """Run the network on `rows` rows, of which the work fills the first."""
        labels = None
        if work.classes is not None:
            labels = F.pad(self.place.tensor(work.classes), (0, rows - len(work)))
        heads = network(self.images(work, rows), labels)
        return torch.cat([heads[name].float().reshape(rows, -1) for name in network.widths], dim=1)

    def images(self, work: Seen, rows: int) -> Tensor:
        """Give the images in [-1, 1], behind them grey ones up to `rows`: (rows, C, S, S)."""
        x = self.place.tensor(work.images).float().div(127.5).sub(1)
        return F.pad(x, (0, 0) * 3 + (0, rows - len(work))).to(self.place.dtype)
