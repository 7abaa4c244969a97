"""Variants on small tasks."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from training import variants
from training.data import Batch
from training.variant import Task, Variant

SIZE = 8
CLASSES = 4


@pytest.fixture
def make() -> Callable[..., Variant]:
    """Build a small variant by name, for 8x8 grey images of four classes."""

    def build(name: str, **hyper: Any) -> Variant:
        torch.manual_seed(0)
        kind = variants.find(name)
        small = {"generator_width": 4, "discriminator_width": 4, "latent": 6}
        small |= {"generator_hidden": 8, "discriminator_hidden": 8, "embedding": 8}
        return kind(Task(channels=1, size=SIZE, classes=CLASSES), kind.Hyper(**{**small, **hyper}))

    return build


@pytest.fixture
def real() -> Batch:
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(12, 1, SIZE, SIZE, generator=generator) * 2 - 1
    labels = torch.randint(CLASSES, (12,), generator=generator)
    return Batch(images, labels, known=Batch(images.flip(0), labels.flip(0)))
