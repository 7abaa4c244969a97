"""Puppets: real checkpoints whose generators draw what a test wants, set weight by weight."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from models import checkpoint
from models.card import Image, Latent, Metric, ModelCard, Network, Training
from models.checkpoint import Checkpoint
from models.networks import DISCRIMINATORS, GENERATORS, Discriminator, Generator, build
from training.data import DataSet
from training.evaluate import TrainedClassifier
from training.evaluate.classifier import predict

LATENT = 4


def examples(data: DataSet, judge: TrainedClassifier) -> Tensor:
    """Pick an image of each class that the judge is right about: (K, C, S, S) uint8."""
    right = predict(judge.network, data.images) == data.labels
    assert data.labels is not None
    places = [int(((data.labels == k) & right).nonzero()[0]) for k in range(data.classes)]
    return data.images[places]


def drawn_by_class(path: Path, images: Tensor, names: Sequence[str]) -> Checkpoint:
    """Save and load a conditional model that draws images[k] when it is asked for class k."""
    count, channels, size, _ = images.shape
    arguments = shape(channels, size, hidden=count, width=count, classes=count, embedding=count)
    generator = blank(arguments)
    first, second, last = linears(generator)
    assert generator.label is not None
    with torch.no_grad():
        generator.label.weight.copy_(torch.eye(count))
        first.weight[:, LATENT:] = torch.eye(count)
        second.weight.copy_(torch.eye(count))
        last.weight[:] = before_tanh(images).flatten(1).T
    return stored(path, generator, arguments, names)


def drawn_always(path: Path, image: Tensor) -> Checkpoint:
    """Save and load an unconditional model that draws one image (C, S, S) from every latent."""
    arguments = shape(image.shape[0], image.shape[1], hidden=2, width=2)
    generator = blank(arguments)
    with torch.no_grad():
        linears(generator)[-1].bias.copy_(before_tanh(image).flatten())
    return stored(path, generator, arguments, ())


def shape(channels: int, size: int, **arguments: int) -> dict[str, int]:
    return {"channels": channels, "size": size, "latent": LATENT, **arguments}


def blank(arguments: dict[str, int]) -> Generator:
    """Build a generator whose weights are 0, but for the normalisations', which do nothing."""
    generator = build(GENERATORS, "mlp", arguments)
    for layer in linears(generator):
        for weights in layer.parameters():
            nn.init.zeros_(weights)
    return generator


def linears(generator: Generator) -> list[nn.Linear]:
    return [layer for layer in generator.body.modules() if isinstance(layer, nn.Linear)]


def before_tanh(images: Tensor) -> Tensor:
    return (images / 127.5 - 1).clamp(-0.99, 0.99).atanh()


def critic(channels: int, size: int) -> tuple[Network, Discriminator]:
    arguments = {
        "channels": channels,
        "size": size,
        "width": 4,
        "hidden": 4,
        "heads": {"realness": 1},
    }
    return Network(network="mlp", arguments=arguments), build(DISCRIMINATORS, "mlp", arguments)


def stored(
    path: Path, generator: Generator, arguments: dict[str, int], names: Sequence[str]
) -> Checkpoint:
    """Save the model with a card that says as much as a card can, and load it."""
    channels, size = arguments["channels"], arguments["size"]
    discriminator, network = critic(channels, size)
    card = ModelCard(
        name="puppet",
        variant="gan",
        dataset="digits",
        class_names=tuple(names),
        generator=Network(network="mlp", arguments=arguments),
        discriminator=discriminator,
        latent=Latent(dimension=LATENT),
        image=Image(channels=3 if channels == 3 else 1, height=size, width=size),
        heads=("realness",),
        metrics={"fid": Metric(value=12.5, protocol="measured before")},
        training=Training(
            steps=3,
            images=9,
            seconds=1.5,
            device="cpu",
            seed=7,
            hyper_parameters={"learning_rate": 2e-4},
            versions={"torch": "2"},
            data_digest="d",
        ),
    )
    checkpoint.save(path, card, generator, network)
    return checkpoint.load(path)
