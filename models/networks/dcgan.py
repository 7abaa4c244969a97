"""Convolutional pair, as in Radford et al. 2015, §3, for square images of any size that halves.

The side is halved while it is even and the half is at least 4: 28 gives 7, 32, 64 and 128 give 4.
Each halving is one strided convolution in the discriminator and one transposed one in the
generator, twice as wide at each step away from the image.
"""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.errors import UserError
from models.networks.interface import AutoEncoder, Discriminator, Generator

SMALLEST_SIDE = 4
LARGEST_SIDE = 15


def sides(size: int) -> list[int]:
    """List the sides that the feature maps of an image of `size` have, from small to large."""
    found = [size]
    while found[0] % 2 == 0 and found[0] // 2 >= SMALLEST_SIDE:
        found.insert(0, found[0] // 2)
    if len(found) == 1 or found[0] > LARGEST_SIDE:
        raise UserError(
            f"image size {size} cannot be halved down to {SMALLEST_SIDE}-{LARGEST_SIDE}: "
            "choose a size such as 28, 32, 48, 64, 96 or 128"
        )
    return found


def initialise(module: nn.Module, norm: str = "batch") -> None:
    """Draw convolution and linear weights from N(0, 0.02), scales from N(1, 0.02) (§4).

    Without normalisation such weights let a signal die out on its way: there they keep its
    variance (He et al. 2015, equation 14), as in WGAN-GP's authors' code.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
        deviation = (2 / terms(module)) ** 0.5 if norm == "none" else 0.02
        nn.init.normal_(module.weight, 0.0, deviation)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.GroupNorm):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def terms(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear) -> float:
    """Count the products that one output of a layer is the sum of."""
    if isinstance(layer, nn.ConvTranspose2d):  # a kernel meets a place once in stride x stride
        height, width = layer.stride
        return layer.in_channels * layer.weight[0, 0].numel() / (height * width)
    return layer.weight[0].numel()


class Maps(nn.Module):
    """Read rows as maps without moving them: channels last, the layout that convolutions like."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.shape = (side, side, channels)

    def forward(self, rows: Tensor) -> Tensor:
        """Map (B, S * S * C) to (B, C, S, S)."""
        return rows.unflatten(1, self.shape).permute(0, 3, 1, 2)


class Rows(nn.Module):
    """Read maps as rows, the other way about."""

    def forward(self, maps: Tensor) -> Tensor:
        """Map (B, C, S, S) to (B, S * S * C)."""
        return maps.permute(0, 2, 3, 1).flatten(1)


class ToImage(nn.ConvTranspose2d):
    """A transposed convolution to few channels, as one product and a sum of overlapping patches.

    The libraries' kernels are made for many channels: on a CPU this is four times as fast for one.
    """

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Map (B, wide, S, S) to (B, channels, 2 S, 2 S)."""
        patches = x.permute(0, 2, 3, 1).flatten(1, 2) @ self.weight.flatten(1)  # (B, S S, C 4 4)
        side = 2 * x.shape[2]
        image = F.fold(patches.mT, (side, side), 4, stride=2, padding=1)
        return image if self.bias is None else image + self.bias[:, None, None]


def normalisation(kind: str, channels: int, *, flat: bool = False) -> nn.Module:
    """Build one normalisation layer, of maps or of flat rows.

    `layer` is over channels and places, as WGAN-GP, §4, asks.
    """
    match kind:
        case "batch":
            return nn.BatchNorm1d(channels) if flat else nn.BatchNorm2d(channels)
        case "layer":
            return nn.GroupNorm(1, channels)
        case "none":
            return nn.Identity()
    raise ValueError(f"normalisation {kind!r} is unknown: expected batch, layer or none")


class DCGANGenerator(Generator):
    """Project and reshape, then transposed 4x4 convolutions of stride 2 up to the image.

    `hidden` puts a fully connected layer before the maps, as InfoGAN's network has (Appendix C).
    """

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        latent: int = 64,
        width: int = 32,
        hidden: int = 0,
        norm: str = "batch",
        classes: int = 0,
        embedding: int = 32,
        codes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(latent=latent, classes=classes, embedding=embedding, codes=codes)
        steps = len(sides(size)) - 1
        side = sides(size)[0]
        widths = [width * 2**step for step in reversed(range(steps))]
        layers: list[nn.Module] = []
        if hidden:
            connect = nn.Linear(self.inputs, hidden, bias=False)
            layers += [connect, normalisation(norm, hidden, flat=True), nn.ReLU()]
        project = nn.Linear(hidden or self.inputs, widths[0] * side * side, bias=False)
        layers += [project, Maps(widths[0], side)]
        for wide, narrow in pairwise(widths):
            grow = nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1)
            layers += [normalisation(norm, wide), nn.ReLU(), grow]
        last = ToImage(widths[-1], channels, 4, stride=2, padding=1)
        layers += [normalisation(norm, widths[-1]), nn.ReLU(), last, nn.Tanh()]
        self.body = nn.Sequential(*layers)
        self.apply(partial(initialise, norm=norm))


def connected(features: int, hidden: int, norm: str) -> nn.Sequential:
    """Build the fully connected layer before the heads; `hidden` 0 is none."""
    if not hidden:
        return nn.Sequential()
    linear = nn.Linear(features, hidden)
    return nn.Sequential(linear, normalisation(norm, hidden, flat=True), nn.LeakyReLU(0.2))


class Noise(nn.Module):
    """Add N(0, deviation^2) to what passes in training, lest a few labels are learnt by heart.

    As in the ladder network and in catGAN (Springenberg 2015, Appendix B).
    """

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        """Map any shape to the same."""
        return x + self.deviation * normal_like(x) if self.training else x


def normal_like(x: Tensor) -> Tensor:
    """Draw N(0, 1) in the shape and layout of dense x.

    In the order of memory: `randn_like` draws one by one, 12 times as slow on a CPU, where channels
    are last.
    """
    drawn = torch.randn(x.numel(), dtype=x.dtype, device=x.device)
    return drawn.as_strided(x.shape, x.stride())


class DCGANDiscriminator(Discriminator):
    """Strided 4x4 convolutions with leaky ReLU, none normalised at the image; one linear a head.

    `hidden` puts a fully connected layer before the heads, as InfoGAN's network has (Appendix C),
    `head_hidden` one of its own before a head; `noise` disturbs what each layer is given.
    """

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        width: int = 32,
        norm: str = "batch",
        hidden: int = 0,
        head_hidden: Mapping[str, int] | None = None,
        noise: float = 0.0,
        classes: int = 0,
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads=heads)
        steps = len(sides(size)) - 1
        widths = [width * 2**step for step in range(steps)]
        layers: list[nn.Module] = []
        for wide, wider in pairwise([self.inputs, *widths]):
            first = not layers
            layers += [Noise(noise)] if noise else []
            layers += [
                nn.Conv2d(wide, wider, 4, stride=2, padding=1),
                nn.Identity() if first else normalisation(norm, wider),
                nn.LeakyReLU(0.2),
            ]
        features = widths[-1] * sides(size)[0] ** 2
        layers.append(Rows())
        layers += [Noise(noise)] if noise else []
        self.trunk = nn.Sequential(*layers, *connected(features, hidden, norm))
        self.add_heads(hidden or features, head_hidden)
        self.apply(partial(initialise, norm=norm))


class DCGANAutoEncoder(AutoEncoder):
    """This discriminator's convolutions to a code, and this generator's from it (EBGAN, §2.3)."""

    def __init__(
        self,
        *,
        channels: int,
        size: int,
        heads: Mapping[str, int],
        width: int = 32,
        hidden: int = 0,
        code: int = 64,
        error: str = "squared",
        norm: str = "batch",
        classes: int = 0,
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads=heads, error=error)
        shape: Any = {"channels": channels, "size": size, "width": width, "hidden": hidden}
        down = DCGANDiscriminator(**shape, heads={"code": code}, norm=norm)
        self.encoder = nn.Sequential(down.trunk, down.heads["code"])
        up = DCGANGenerator(**shape, latent=code, norm=norm)
        self.decoder = up.body
