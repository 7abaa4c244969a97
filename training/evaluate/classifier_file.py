"""One trained classifier = one `.safetensors` file with its card, as JSON, in the header.

    {"ganforge-classifier": "<ClassifierCard JSON>"}      header metadata
    classifier.*                                          parameters as float16, buffers as they are

The accuracy on the card is of these weights, rounded to float16, not of those before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as dump_tensors
from torch import Tensor

from models.card import SUFFIX, Record
from models.checkpoint import check, fill, stored, write
from models.errors import UserError
from training.augmentation import Augmentation
from training.data import title
from training.evaluate.classifier import Classifier

KEY = "ganforge-classifier"
PART = "classifier"
BUNDLED = Path(__file__).parent / "classifiers"


class ClassifierError(UserError):
    """A classifier that cannot be had: no file of it, or a file that is none of ours."""


class ClassifierCard(Record):
    """What a classifier learnt, and how often it was right on test images with these weights."""

    format: Literal[1] = 1
    dataset: str
    data_digest: str
    test_digest: str
    class_names: tuple[str, ...] = Field(min_length=2)
    channels: int = Field(gt=0)
    size: int = Field(gt=0)
    epochs: int
    seed: int
    augmentation: Augmentation
    accuracy: float = Field(ge=0, le=1)
    seconds: float
    versions: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class TrainedClassifier:
    """A classifier ready to judge, in eval mode and float32."""

    card: ClassifierCard
    network: Classifier


def default_path(data: str) -> Path:
    """Return where the classifier of a data set, by name or path, is bundled."""
    return BUNDLED / f"{title(data)}{SUFFIX}"


def bundled(data: str) -> TrainedClassifier:
    """Load the classifier of a data set. Raises ClassifierError, which says how to get one."""
    path = default_path(data)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in BUNDLED.glob(f"*{SUFFIX}"))) or "none"
        raise ClassifierError(
            f"no classifier for {data!r} in {BUNDLED}, there is: {known}. "
            f"Train one with `ganforge classifier --data {data} --epochs 10`"
        )
    return load(path)


def save(path: Path, trained: TrainedClassifier) -> None:
    """Write the file whole or not at all."""
    tensors = stored(PART, trained.network)
    write(path, dump_tensors(tensors, metadata={KEY: trained.card.model_dump_json()}))


def describe(path: Path) -> ClassifierCard:
    """Read the card alone. Raises ClassifierError."""
    if path.is_dir():
        raise ClassifierError(f"{path}: a folder; expected the file of one classifier")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ClassifierError(f"{path}: not a readable safetensors file ({error})") from error
    if KEY not in metadata:
        raise ClassifierError(
            f"{path}: safetensors without a {KEY!r} card in its header: "
            "expected a file that `ganforge classifier` wrote"
        )
    try:
        return ClassifierCard.model_validate_json(metadata[KEY])
    except ValidationError as error:
        raise ClassifierError(f"{path}: its card is not valid: {error}") from error


def load(path: Path) -> TrainedClassifier:
    """Read a classifier. Raises ClassifierError; every tensor is checked before any is used."""
    card = describe(path)
    try:
        network = rebuild(
            load_tensors(path.read_bytes()),
            channels=card.channels,
            size=card.size,
            classes=len(card.class_names),
        )
    except (SafetensorError, ValueError) as error:
        raise ClassifierError(f"{path}: {error}") from error
    return TrainedClassifier(card=card, network=network)


def rebuild(tensors: Mapping[str, Tensor], *, channels: int, size: int, classes: int) -> Classifier:
    """Build the classifier that a file's tensors make. Raises ValueError where they do not fit."""
    with torch.device("meta"):  # no memory is taken on the word of a card
        network = Classifier(channels=channels, size=size, classes=classes)
    check(tensors, stored(PART, network))
    fill(network, PART, tensors)
    return network
