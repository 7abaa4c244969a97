"""Networks for points: one fully connected pair in which every variant can be compared.

Nothing is normalised over the batch, so that no variant's discriminator sees more than a point at
a time. No file is ever served with these, so that they are in no table of `models.networks`.
"""

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from models.networks import DISCRIMINATORS, AutoEncoder, Discriminator, Generator
from training.variant import HyperParameters, Task, Variant

WAVES = 64
FREQUENCY = 1.0  # radians from one mode of the grid to the next
SLOPE = 0.2


def layers(inputs: int, width: int, outputs: int) -> list[nn.Module]:
    """Build two hidden layers of leaky ReLU, and a linear one after them."""
    return [
        nn.Linear(inputs, width),
        nn.LeakyReLU(SLOPE),
        nn.Linear(width, width),
        nn.LeakyReLU(SLOPE),
        nn.Linear(width, outputs),
    ]


class Waves(nn.Module):
    """Put beside coordinates their sines and cosines along random directions.

    Layers of leaky ReLU learn what is wide long before what is small: on plain coordinates every
    discriminator sees a few hills where there are 25 modes (Tancik et al. 2020, "Fourier Features
    Let Networks Learn High Frequency Functions in Low Dimensional Domains", §4).
    """

    directions: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("directions", FREQUENCY * torch.randn(inputs, WAVES))
        self.outputs = inputs + 2 * WAVES

    def forward(self, x: Tensor) -> Tensor:
        """Map coordinates (B, inputs) to (B, outputs)."""
        phase = x @ self.directions
        return torch.cat([x, phase.sin(), phase.cos()], dim=1)


class PointGenerator(Generator):
    """Latent, codes and label to a point (B, channels, 1, 1), which may be anywhere."""

    def __init__(
        self,
        *,
        channels: int,
        latent: int,
        width: int,
        classes: int = 0,
        embedding: int = 32,
        codes: Mapping[str, Any] | None = None,
        **unused: object,
    ) -> None:
        super().__init__(latent=latent, classes=classes, embedding=embedding, codes=codes)
        shape = nn.Unflatten(1, (channels, 1, 1))
        self.body = nn.Sequential(*layers(self.inputs, width, channels), shape)


class PointDiscriminator(Discriminator):
    """A point, and behind it the label's embedding where it takes labels, to logits."""

    def __init__(
        self,
        *,
        channels: int,
        heads: Mapping[str, int],
        width: int,
        classes: int = 0,
        embedding: int = 32,
        **unused: object,
    ) -> None:
        super().__init__(channels=channels, size=1, classes=0, heads=heads)
        self.label = nn.Embedding(classes, embedding) if classes else None
        self.waves = Waves(channels)
        inputs = self.waves.outputs + (embedding if classes else 0)
        *hidden, _ = layers(inputs, width, 1)
        self.trunk = nn.Sequential(*hidden)
        self.add_heads(width)

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map points (B, C, 1, 1), and labels (B,) where it takes them, to (B, width)."""
        given = self.waves(x.flatten(1))
        if self.label is not None:
            given = torch.cat([given, self.label(labels)], dim=1)
        return self.trunk(given)


class PointAutoEncoder(AutoEncoder):
    """A point to a code and back, with as many layers on either way."""

    def __init__(
        self,
        *,
        channels: int,
        heads: Mapping[str, int],
        width: int,
        code: int,
        error: str,
        **unused: object,
    ) -> None:
        super().__init__(channels=channels, size=1, classes=0, heads=heads, error=error)
        waves = Waves(channels)
        encode = layers(waves.outputs, width, code)
        self.encoder = nn.Sequential(nn.Flatten(), waves, *encode)
        shape = nn.Unflatten(1, (channels, 1, 1))
        self.decoder = nn.Sequential(*layers(code, width, channels), shape)


class OnPoints(Variant):
    """What stands before a variant, so that its losses are over these networks."""

    generator_network = "mlp"
    discriminator_network = "mlp"
    verdict = "probability"  # of the head that the network to be replaced has
    judge: type[Discriminator]

    def __init__(self, task: Task, hyper: HyperParameters) -> None:
        super().__init__(task, hyper)
        self.generator = PointGenerator(**super().generator_arguments())
        self.discriminator = self.judge(**super().discriminator_arguments())

    def generator_arguments(self) -> dict[str, Any]:
        """Ask for the least: what `Variant` builds from it is replaced."""
        return {"channels": self.task.channels, "size": self.task.size}

    def discriminator_arguments(self) -> dict[str, Any]:
        """Ask for the least: what `Variant` builds from it is replaced."""
        return {**OnPoints.generator_arguments(self), "heads": {"realness": 1}}


def on_points(kind: type[Variant]) -> type[Variant]:
    """Put a variant's losses over the networks for points."""
    rebuilds = issubclass(DISCRIMINATORS[kind.discriminator_network], AutoEncoder)
    judge = PointAutoEncoder if rebuilds else PointDiscriminator
    made = type(f"{kind.__name__}OnPoints", (OnPoints, kind), {"judge": judge})
    return cast("type[Variant]", made)
