"""Pair of BEGAN: Berthelot et al. 2017, §3.5.1 and Figure 1, for any size that halves.

3x3 convolutions with exponential linear units, two a side; down by a stride, up by repeating
pixels. No batch normalisation, no dropout, no transposed convolution, and no tanh: at its end an
absolute error has no slope, and a generator that begins with black images never leaves them.
Weights keep a signal's variance, without which the auto-encoder stays there too: black is right
most often.
"""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from models.networks.dcgan import Maps, Rows, initialise, sides
from models.networks.interface import AutoEncoder, Generator


def convolve(narrow: int, wide: int, stride: int = 1) -> list[nn.Module]:
    """Build a 3x3 convolution and its non-linearity."""
    return [nn.Conv2d(narrow, wide, 3, stride=stride, padding=1), nn.ELU()]


def connect(inputs: int, hidden: int, outputs: int) -> list[nn.Module]:
    """Build the fully connected part, which is one layer in the paper; `hidden` adds another."""
    if not hidden:
        return [nn.Linear(inputs, outputs)]
    return [nn.Linear(inputs, hidden), nn.ELU(), nn.Linear(hidden, outputs)]


def encoder(channels: int, size: int, width: int, hidden: int, code: int) -> nn.Sequential:
    """Build the way down: as many channels more at each halving as at the image (Figure 1)."""
    widths = [width * (1 + step) for step in range(len(sides(size)))]
    layers = convolve(channels, width)
    for wide, wider in pairwise(widths):
        layers += [*convolve(wide, wide), *convolve(wide, wider, stride=2)]
    smallest = sides(size)[0]
    layers += [*convolve(widths[-1], widths[-1]), Rows()]
    return nn.Sequential(*layers, *connect(widths[-1] * smallest**2, hidden, code))


def decoder(channels: int, size: int, width: int, hidden: int, code: int) -> nn.Sequential:
    """Build the way up, which is the generator's too (§3.5.1)."""
    smallest, *larger = sides(size)
    layers = [*connect(code, hidden, width * smallest**2), Maps(width, smallest)]
    for _ in larger:
        layers += [*convolve(width, width), *convolve(width, width)]
        layers.append(nn.UpsamplingNearest2d(scale_factor=2))
    layers += [*convolve(width, width), nn.Conv2d(width, channels, 3, padding=1)]
    return nn.Sequential(*layers)


class BEGANGenerator(Generator):
    """The decoder on a latent."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        latent: int = 64,
        width: int = 32,
        hidden: int = 0,
        classes: int = 0,
        embedding: int = 32,
        codes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(latent=latent, classes=classes, embedding=embedding, codes=codes)
        self.body = decoder(channels, size, width, hidden, self.inputs)
        self.apply(partial(initialise, norm="none"))

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Cut off what is beyond [-1, 1], but in training: there it would have no slope."""
        images = super().forward(z, condition)
        return images if self.training else images.clamp(-1, 1)


class BEGANAutoEncoder(AutoEncoder):
    """The encoder and a decoder of its own."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        width: int = 32,
        hidden: int = 0,
        code: int = 64,
        error: str = "absolute",
        classes: int = 0,
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads=heads, error=error)
        self.encoder = encoder(channels, size, width, hidden, code)
        self.decoder = decoder(channels, size, width, hidden, code)
        self.apply(partial(initialise, norm="none"))
