"""Untrained: a model of random weights, for images of a size that no bundled model makes.

How fast it is does not depend on what it has learnt.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from models import checkpoint, networks
from models.card import SUFFIX, Image, ModelCard, Network
from models.networks import Generator

SEEN = 16


def write(source: Path, size: int, folder: Path) -> Path:
    """Write the model of a checkpoint anew, without discriminator, for images of another size."""
    card = resized(checkpoint.describe(source), size)
    path = folder / f"{card.name}{SUFFIX}"
    checkpoint.save(path, card, random_generator(card))
    return path


def resized(card: ModelCard, size: int) -> ModelCard:
    """Describe a generator of the same kind for another size."""
    network = card.generator
    return ModelCard(
        name=f"{card.name}-{size}",
        variant=card.variant,
        dataset=card.dataset,
        class_names=card.class_names,
        generator=Network(network=network.network, arguments={**network.arguments, "size": size}),
        latent=card.latent,
        codes=card.codes,
        image=Image(channels=card.image.channels, height=size, width=size),
        training=card.training,
    )


@torch.no_grad()
def random_generator(card: ModelCard) -> Generator:
    """Build the card's generator; its norms have seen a batch, so that images are not all grey."""
    torch.manual_seed(0)
    network = card.generator
    generator = networks.build(networks.GENERATORS, network.network, network.arguments)
    for norm in generator.modules():
        if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
            norm.momentum = None  # what is remembered is then what was seen, and not a tenth of it
    seeds = torch.arange(SEEN)
    labels = seeds % generator.classes if generator.classes else None
    condition = None if labels is None else generator.embed(labels)
    generator(torch.from_numpy(generator.latents(np.asarray(seeds))), condition)
    return generator.eval()
