"""Picture: what an answer shows, before it is written in one format or another."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Picture:
    """What an answer shows: images (n, H, W, C), each with its seed and its class's name."""

    model: str
    digest: str
    images: Pixels
    seeds: Sequence[int]
    classes: Sequence[str] | None
