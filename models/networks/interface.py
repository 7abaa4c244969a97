"""What every network of ours promises, whatever its architecture."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Generator(nn.Module):
    """Map a latent, and a label's embedding where the model is conditional, to an image.

    A subclass sets `body`, which maps (B, inputs) to (B, C, H, W) in [-1, 1].
    Conditioning goes through `embed`, so that a point between two classes can be asked for.
    """

    body: nn.Module

    def __init__(self, *, latent: int, classes: int, embedding: int) -> None:
        super().__init__()
        self.latent = latent
        self.classes = classes
        self.label = nn.Embedding(classes, embedding) if classes else None
        self.inputs = latent + (embedding if classes else 0)
        if self.label is not None:  # of length about 1, as a one-hot label: z must not drown in it
            nn.init.normal_(self.label.weight, 0.0, embedding**-0.5)

    def embed(self, labels: Tensor) -> Tensor:
        """Map labels (B,) int64 to the conditions (B, embedding) that `forward` takes."""
        if self.label is None:
            raise ValueError("this generator is unconditional: it takes no labels")
        return self.label(labels)

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Map z (B, latent) and condition (B, embedding) or None to images (B, C, H, W)."""
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

    def add_heads(self, features: int) -> None:
        self.heads = nn.ModuleDict({k: nn.Linear(features, w) for k, w in self.widths.items()})

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        """Map x (B, C, S, S) to logits by head: (B,) where a head is one wide, else (B, width)."""
        if self.plane is not None:
            if labels is None:
                raise ValueError("this discriminator is conditional: it needs the labels")
            plane = self.plane(labels).view(-1, 1, self.size, self.size)
            x = torch.cat([x, plane], dim=1)  # (B, C + 1, S, S)
        features = self.trunk(x)
        logits = {name: head(features) for name, head in self.heads.items()}
        return {name: y.squeeze(1) if y.shape[1] == 1 else y for name, y in logits.items()}
