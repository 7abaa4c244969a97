"""Discriminator of the conditional LSGAN: Mao et al. 2016, §4.2, for very many classes."""

from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from models.networks.dcgan import connected, initialise, normalisation, sides
from models.networks.interface import Discriminator


class Stage(nn.Module):
    """A strided convolution of maps and of a label's vector, repeated at every place as a map.

    A vector that is the same at every place adds the same to a channel at every place: it is
    given by a linear layer, without its maps (at the border the maps would be padded with zeros).
    """

    def __init__(self, wide: int, wider: int, embedding: int, norm: str) -> None:
        super().__init__()
        self.maps = nn.Conv2d(wide, wider, 4, stride=2, padding=1)
        self.label = nn.Linear(embedding, wider, bias=False)
        self.after = nn.Sequential(normalisation(norm, wider), nn.LeakyReLU(0.2))

    def forward(self, x: Tensor, phi: Tensor) -> Tensor:
        """Map x (B, wide, S, S) and phi (B, embedding) to (B, wider, S / 2, S / 2)."""
        return self.after(self.maps(x) + self.label(phi)[:, :, None, None])


class CLSGANDiscriminator(Discriminator):
    """Strided convolutions; a label's vector Phi(y) joins in at every stage and at the head."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        classes: int,
        width: int = 32,
        hidden: int = 0,
        embedding: int = 256,
        norm: str = "batch",
    ) -> None:
        super().__init__(channels=channels, size=size, classes=0, heads=heads)
        steps = len(sides(size)) - 1
        widths = [channels, *(width * 2**step for step in range(steps))]
        norms = ["none", *[norm] * (steps - 1)]
        self.phi = nn.Embedding(classes, embedding)
        nn.init.normal_(self.phi.weight, 0.0, embedding**-0.5)  # as the generator's
        self.stages = nn.ModuleList(
            Stage(wide, wider, embedding, kind)
            for (wide, wider), kind in zip(pairwise(widths), norms, strict=True)
        )
        features = widths[-1] * sides(size)[0] ** 2 + embedding
        self.last = connected(features, hidden, norm)
        self.add_heads(hidden or features)
        self.apply(initialise)

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map x (B, C, S, S) and labels (B,) to what the heads are given."""
        if labels is None:
            raise ValueError("this discriminator is conditional: it needs the labels")
        phi = self.phi(labels)  # (B, embedding)
        for stage in self.stages:
            x = stage(x, phi)
        return self.last(torch.cat([x.permute(0, 2, 3, 1).flatten(1), phi], dim=1))
