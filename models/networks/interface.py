"""What every network of ours promises, whatever its architecture."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models import latents
from models.card import Codes


class Generator(nn.Module):
    """Map a latent, and a label's embedding where the model is conditional, to an image.

    A subclass sets `body`, which maps (B, inputs) to (B, C, H, W) in [-1, 1].
    Conditioning goes through `embed`, so that a point between two classes can be asked for. The
    `codes` of an InfoGAN are a part of the latent, behind z.
    """

    body: nn.Module

    def __init__(
        self, *, latent: int, classes: int, embedding: int, codes: Mapping[str, Any] | None
    ) -> None:
        super().__init__()
        self.latent = latent
        self.classes = classes
        self.codes = Codes.model_validate(codes) if codes else None
        self.label = nn.Embedding(classes, embedding) if classes else None
        width = self.codes.width if self.codes else 0
        self.inputs = latent + width + (embedding if classes else 0)
        if self.label is not None:  # of length about 1, as a one-hot label: z must not drown in it
            nn.init.normal_(self.label.weight, 0.0, embedding**-0.5)

    def embed(self, labels: Tensor) -> Tensor:
        """Map labels (B,) int64 to the conditions (B, embedding) that `forward` takes."""
        if self.label is None:
            raise ValueError("this generator is unconditional: it takes no labels")
        return self.label(labels)

    def latents(self, seeds: latents.Seeds) -> npt.NDArray[np.float32]:
        """Draw what these seeds put in: z, and behind it the codes, (n,) to (n, latent + codes)."""
        z = latents.normal(seeds, self.latent)
        if self.codes is None:
            return z
        codes = latents.codes(seeds, self.codes.categorical, self.codes.continuous)
        return np.concatenate([z, codes], axis=1)

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Map z (B, latent + codes) and condition (B, embedding) or None to images (B, C, H, W)."""
        given = z if condition is None else torch.cat([z, condition], dim=1)
        return self.body(given)


class Discriminator(nn.Module):
    """Map an image, and its label where the model is conditional, to logits, one tensor a head.

    A subclass sets `trunk`, which maps (B, inputs, S, S) to (B, F), and calls `add_heads(F)`.
    `inputs` counts the image's channels and, when conditional, one plane drawn from the label.
    """

    trunk: nn.Module

    def __init__(self, *, channels: int, size: int, classes: int, heads: Mapping[str, int]) -> None:
        super().__init__()
        self.size = size
        self.widths = dict(heads)
        self.plane = nn.Embedding(classes, size * size) if classes else None
        self.inputs = channels + (1 if classes else 0)

    def add_heads(self, features: int, hidden: Mapping[str, int] | None = None) -> None:
        """Put one head a name on the trunk: a linear layer, behind a `hidden` one of its own."""
        between = hidden or {}
        self.heads = nn.ModuleDict(
            {name: head(features, between.get(name, 0), w) for name, w in self.widths.items()}
        )

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Map x (B, C, S, S) to what the heads are given, (B, F)."""
        if self.plane is not None:
            if labels is None:
                raise ValueError("this discriminator is conditional: it needs the labels")
            plane = self.plane(labels).view(-1, 1, self.size, self.size)
            x = torch.cat([x, plane], dim=1)  # (B, C + 1, S, S)
        return self.trunk(x)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Map x (B, C, S, S) to logits by head: (B,) where a head is one wide, else (B, width)."""
        return self.judge(self.features(x, labels))

    def judge(self, features: Tensor) -> dict[str, Tensor]:
        """Map what the heads are given, (B, F), to logits by head."""
        logits = {name: judge(features) for name, judge in self.heads.items()}
        return {name: y.squeeze(1) if y.shape[1] == 1 else y for name, y in logits.items()}


def head(features: int, hidden: int, width: int) -> nn.Module:
    """Build one head; `hidden` 0 is no layer between."""
    if not hidden:
        return nn.Linear(features, width)
    layers = [nn.Linear(features, hidden), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.1)]
    return nn.Sequential(*layers, nn.Linear(hidden, width))


class AutoEncoder(Discriminator):
    """A discriminator that rebuilds what it sees; how badly it does so is the image's energy.

    A subclass sets `encoder`, (B, C, S, S) to (B, code), and `decoder`, back to (B, C, S, S).
    Its one head is `energy`, the mean error of a pixel: squared (EBGAN) or absolute (BEGAN).
    """

    encoder: nn.Module
    decoder: nn.Module

    def __init__(
        self, *, channels: int, size: int, classes: int, heads: Mapping[str, int], error: str
    ) -> None:
        super().__init__(channels=channels, size=size, classes=classes, heads={"energy": 1})
        if dict(heads) != {"energy": 1}:
            raise ValueError(f"an auto-encoder's one head is energy, {dict(heads)} was asked for")
        if classes:
            raise ValueError("this auto-encoder is unconditional: it takes no labels")
        if error not in ERRORS:
            raise ValueError(f"error {error!r} is unknown: expected one of {', '.join(ERRORS)}")
        self.error = ERRORS[error]

    def reconstruct(self, x: Tensor) -> Tensor:
        """Rebuild images: (B, C, S, S) to the same."""
        return self.decoder(self.encoder(x))

    def energy(self, x: Tensor, rebuilt: Tensor) -> Tensor:
        """Say how far images are from what was made of them: (B, C, S, S) twice to (B,)."""
        return self.error(x.float() - rebuilt.float()).flatten(1).mean(1)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Map x (B, C, S, S) to its energy (B,)."""
        return {"energy": self.energy(x, self.reconstruct(x))}


ERRORS = {"absolute": torch.abs, "squared": torch.square}
