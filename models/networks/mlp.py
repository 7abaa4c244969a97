"""Fully connected pair, as in Goodfellow et al. 2014, §5."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from torch import nn

from models.networks.interface import Discriminator, Generator


class MLPGenerator(Generator):
    """Two layers with batch normalisation, `hidden` and `width` wide, then tanh."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        latent: int = 64,
        width: int = 512,
        hidden: int = 256,
        classes: int = 0,
        embedding: int = 32,
        codes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(latent=latent, classes=classes, embedding=embedding, codes=codes)
        layers: list[nn.Module] = []
        for wide, wider in pairwise((self.inputs, hidden, width)):
            layers += [nn.Linear(wide, wider, bias=False), nn.BatchNorm1d(wider), nn.ReLU()]
        pixels = nn.Linear(width, channels * size * size)
        shape = nn.Unflatten(1, (channels, size, size))
        self.body = nn.Sequential(*layers, pixels, shape, nn.Tanh())


class MLPDiscriminator(Discriminator):
    """Two layers of leaky ReLU with dropout, `width` and `hidden` wide; one linear a head."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        width: int = 512,
        hidden: int = 256,
        dropout: float = 0.3,
        classes: int = 0,
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads=heads)
        layers: list[nn.Module] = [nn.Flatten()]
        for wide, narrow in pairwise((self.inputs * size * size, width, hidden)):
            layers += [nn.Linear(wide, narrow), nn.LeakyReLU(0.2), nn.Dropout(dropout)]
        self.trunk = nn.Sequential(*layers)
        self.add_heads(hidden)
