"""Discriminator of Salimans et al. 2016, "Improved Techniques for Training GANs", for few labels.

Fully connected, disturbed by noise before each layer, its weights normalised (Salimans and Kingma
2016, equation 2): batch normalisation would tell a batch of generated images by its statistics.
"""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from models.networks.dcgan import Noise, initialise
from models.networks.interface import Discriminator


class WeightNormDiscriminator(Discriminator):
    """Five layers, `width` wide at the image and `hidden` before the heads (authors' code)."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        width: int = 1000,
        hidden: int = 250,
        noise: float = 0.5,
        classes: int = 0,
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads=heads)
        layers: list[nn.Module] = [nn.Flatten()]
        widths = (self.inputs * size * size, width, width // 2 or 1, hidden, hidden, hidden)
        for wide, narrow in pairwise(widths):
            layers += [Noise(noise), nn.Linear(wide, narrow), nn.ReLU()]
        self.trunk = nn.Sequential(*layers)
        self.add_heads(hidden)
        self.apply(partial(initialise, norm="none"))
        # A list first: to normalise a layer puts modules into it.
        for layer in [module for module in self.modules() if isinstance(module, nn.Linear)]:
            weight_norm(layer)
