"""One trained model = one `.safetensors` file with its card, as JSON, in the header.

    {"ganforge": "<ModelCard JSON>"}      header metadata
    generator.*  discriminator.*          parameters as float16, buffers as they are

Nothing in a file is ever executed: no pickle, and networks are looked up in a closed table.
"""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from models import networks
from models.card import ModelCard
from models.errors import UserError
from models.networks import Discriminator, Generator

KEY = "ganforge"

N = TypeVar("N", bound=nn.Module)


class CheckpointError(UserError):
    """A file that is no checkpoint of ours; the message names the file and what is wrong."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(f"{path}: {found}")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model ready to use, in eval mode and float32; `digest` is the sha256 of its file."""

    card: ModelCard
    digest: str
    generator: Generator
    discriminator: Discriminator | None


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path` whole or not at all, and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def save(
    path: Path, card: ModelCard, generator: Generator, discriminator: Discriminator | None = None
) -> str:
    """Write the file and return its digest. Raises ValueError for a weight that is not finite."""
    tensors = stored("generator", generator)
    if discriminator is not None:
        tensors |= stored("discriminator", discriminator)
    content = dump_tensors(tensors, metadata={KEY: card.model_dump_json()})
    write(path, content)
    return hashlib.sha256(content).hexdigest()


def describe(path: Path) -> ModelCard:
    """Read the card alone. Raises CheckpointError."""
    if path.is_dir():
        raise CheckpointError(path, "a folder; expected the .safetensors file of one model")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(path, f"not a readable safetensors file ({error})") from error
    if KEY not in metadata:
        raise CheckpointError(
            path, f"safetensors without a {KEY!r} card in its header: not a checkpoint of ganforge"
        )
    try:
        return ModelCard.model_validate_json(metadata[KEY])
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise CheckpointError(path, f"its card is not valid: {wrong}") from error


def load(path: Path) -> Checkpoint:
    """Read a model. Raises CheckpointError; every tensor is checked before any is used."""
    card = describe(path)
    content = path.read_bytes()
    try:
        tensors = load_tensors(content)
    except SafetensorError as error:
        raise CheckpointError(path, f"not a readable safetensors file ({error})") from error
    try:
        generator, discriminator = assemble(card, tensors)
    except ValueError as error:
        raise CheckpointError(path, str(error)) from error
    digest = hashlib.sha256(content).hexdigest()
    return Checkpoint(card=card, digest=digest, generator=generator, discriminator=discriminator)


class Undrawn(TorchFunctionMode):
    """Initialises no weights: on no device are any, and torch loads its compiler for them."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def assemble(
    card: ModelCard, tensors: Mapping[str, Tensor]
) -> tuple[Generator, Discriminator | None]:
    """Rebuild the card's networks around these tensors. Raises ValueError where they disagree."""
    with torch.device("meta"), Undrawn():  # no memory is taken on the word of a card
        generator = networks.build(
            networks.GENERATORS, card.generator.network, card.generator.arguments
        )
        judge = card.discriminator
        discriminator = (
            networks.build(networks.DISCRIMINATORS, judge.network, judge.arguments)
            if judge
            else None
        )
    if generator.latent != card.latent.dimension or generator.classes != len(card.class_names):
        raise ValueError(
            f"the card says latent {card.latent.dimension} and {len(card.class_names)} classes, "
            f"its generator's arguments say {generator.latent} and {generator.classes}"
        )
    if generator.codes != card.codes:
        raise ValueError(
            f"the card says codes {card.codes}, its generator's arguments say {generator.codes}"
        )
    parts: dict[str, nn.Module] = {"generator": generator}
    if discriminator is not None:
        parts["discriminator"] = discriminator
    check(tensors, {k: v for part, net in parts.items() for k, v in stored(part, net).items()})
    for part, network in parts.items():
        fill(network, part, tensors)
    check_output(generator, card)
    return generator, discriminator


def stored(part: str, network: nn.Module) -> dict[str, Tensor]:
    """Name the tensors of `network` as the file does: parameters in half precision."""
    parameters = {name for name, _ in network.named_parameters()}
    tensors = {}
    for name, tensor in network.state_dict().items():
        kept = tensor.half() if name in parameters else tensor
        if not kept.is_meta and not kept.isfinite().all():
            raise ValueError(f"{part}.{name} holds values that are not finite in {kept.dtype}")
        tensors[f"{part}.{name}"] = kept.cpu().contiguous() if not kept.is_meta else kept
    return tensors


def check(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise ValueError unless names, shapes and types agree and every value is finite."""
    if found.keys() != expected.keys():
        missing, surplus = expected.keys() - found.keys(), found.keys() - expected.keys()
        raise ValueError(
            f"tensors do not fit the card: missing {sorted(missing)}, unexpected {sorted(surplus)}"
        )
    for name, tensor in found.items():
        model = expected[name]
        if tensor.shape != model.shape or tensor.dtype != model.dtype:
            raise ValueError(
                f"tensor {name} is {tensor.dtype} {tuple(tensor.shape)}, "
                f"the card's network expects {model.dtype} {tuple(model.shape)}"
            )
        if not tensor.isfinite().all():
            raise ValueError(f"tensor {name} holds values that are not finite")


def fill(network: nn.Module, part: str, tensors: Mapping[str, Tensor]) -> None:
    """Give a network built on no device its tensors, ready to be used but not trained."""
    prefix = f"{part}."
    own = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    floats = {k: v.float() if v.is_floating_point() else v for k, v in own.items()}
    network.load_state_dict(floats, assign=True)
    network.eval().requires_grad_(False)


def check_output(generator: Generator, card: ModelCard) -> None:
    """Raise ValueError unless the network makes images of the card's shape."""
    with torch.inference_mode():
        condition = generator.embed(torch.zeros(1, dtype=torch.long)) if card.conditional else None
        made = generator(torch.from_numpy(generator.latents(np.zeros(1, np.int64))), condition)
    shape = (1, card.image.channels, card.image.height, card.image.width)
    if tuple(made.shape) != shape:
        raise ValueError(f"the network makes {tuple(made.shape)}, the card says {shape}")
