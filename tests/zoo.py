"""Small real checkpoints with random weights, for tests that need a model and not its quality."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch

from models import checkpoint, networks
from models.card import Codes, Image, Latent, ModelCard, Network, Training, Verdict
from models.networks import Discriminator, Generator

TRAINING = Training(
    steps=1,
    images=64,
    seconds=1.0,
    device="cpu",
    seed=0,
    hyper_parameters={"batch": 64},
    versions={"torch": torch.__version__},
    data_digest="0" * 64,
)


def card(
    name: str,
    *,
    size: int = 12,
    channels: int = 1,
    classes: tuple[str, ...] = (),
    codes: Codes | None = None,
    judge: str = "dcgan",
    heads: Mapping[str, int] = MappingProxyType({"realness": 1}),
    told: int = 0,
    verdict: Verdict = "probability",
    head_names: tuple[str, ...] = (),
) -> ModelCard:
    """Describe a small DCGAN, whose discriminator is told one of `told` classes."""
    arguments = {"channels": channels, "size": size, "latent": 8, "width": 4}
    labels = {"classes": len(classes), "embedding": 4} if classes else {}
    given = {"codes": codes.model_dump()} if codes else {}
    judging = {"channels": channels, "size": size, "width": 4, "heads": dict(heads)}
    judging |= {"classes": told} if told else {}
    return ModelCard(
        name=name,
        variant="dcgan",
        dataset="digits",
        class_names=classes,
        generator=Network(network="dcgan", arguments=arguments | labels | given),
        discriminator=Network(network=judge, arguments=judging),
        latent=Latent(dimension=8),
        codes=codes,
        image=Image.model_validate({"channels": channels, "height": size, "width": size}),
        heads=tuple(heads),
        verdict=verdict,
        head_names=head_names,
        training=TRAINING,
    )


def random_generator(described: ModelCard, seed: int = 0) -> Generator:
    """Build the card's generator with weights large enough for pictures that differ."""
    torch.manual_seed(seed)
    network = described.generator
    generator = networks.build(networks.GENERATORS, network.network, network.arguments)
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, 0.0, 0.3)
    return generator.eval()


def random_judge(described: ModelCard) -> Discriminator:
    """Build the card's discriminator."""
    judge = described.discriminator
    assert judge is not None
    return networks.build(networks.DISCRIMINATORS, judge.network, judge.arguments)


def write(folder: Path, described: ModelCard) -> Path:
    """Write a checkpoint for this card."""
    discriminator = random_judge(described)
    path = folder / f"{described.name}.safetensors"
    checkpoint.save(path, described, random_generator(described), discriminator)
    return path
