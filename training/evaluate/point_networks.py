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

SLOPE = 0.2
UNIT = 4.0
"""What is 1 to the layers, in the plane: penalties ask for slopes of about 1 there, at which a
discriminator has to tell a mode from the gap beside it."""


def layers(inputs: int, width: int, outputs: int) -> list[nn.Module]:
    """Build three hidden layers of leaky ReLU, and a linear one after them."""
    return [
        nn.Linear(inputs, width),
        nn.LeakyReLU(SLOPE),
        nn.Linear(width, width),
        nn.LeakyReLU(SLOPE),
        nn.Linear(width, width),
        nn.LeakyReLU(SLOPE),
        nn.Linear(width, outputs),
    ]


class Scale(nn.Module):
    """Multiply by a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Map any shape to the same."""
        return self.factor * x


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
        self.body = nn.Sequential(*layers(self.inputs, width, channels), Scale(UNIT), shape)


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
        *hidden, _ = layers(channels + (embedding if classes else 0), width, 1)
        self.trunk = nn.Sequential(*hidden)
        self.add_heads(width)

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map points (B, C, 1, 1), and labels (B,) where it takes them, to (B, width)."""
        given = x.flatten(1) / UNIT
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
        self.encoder = nn.Sequential(nn.Flatten(), Scale(1 / UNIT), *layers(channels, width, code))
        shape = nn.Unflatten(1, (channels, 1, 1))
        self.decoder = nn.Sequential(*layers(code, width, channels), Scale(UNIT), shape)


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
