"""Judges: the classifier that compares a data set's models, trained where none is bundled."""

from collections.abc import Callable
from pathlib import Path

import torch

from models.card import SUFFIX
from training.augmentation import Augmentation
from training.data import load, title
from training.evaluate import classifier_file
from training.evaluate.classifier_file import ClassifierError
from training.evaluate.fit import train_classifier
from training.evaluate.protocols import bundled_view, protocol
from training.evaluate.view import View

EPOCHS = 10
FOLDER = "classifiers"

Note = Callable[[str], None]


def path(out: Path, data: str) -> Path:
    """Say where the zoo keeps a classifier that it trained."""
    return out / FOLDER / f"{title(data)}{SUFFIX}"


def provide(out: Path, data: str, device: torch.device, root: Path | None, note: Note) -> None:
    """Have a judge for this data. Raises DataError where it has no classes to learn."""
    try:
        view(out, data, device)
    except ClassifierError:
        sets = [load(data, split=split, root=root) for split in ("train", "test")]
        note(f"{data}: no classifier is bundled, training one to judge by")
        trained = train_classifier(
            *sets,
            epochs=EPOCHS,
            seed=0,
            device=device,
            augmentation=Augmentation(),
            report=lambda epoch, loss: None,
        )
        classifier_file.save(path(out, data), trained)


def view(out: Path, data: str, device: torch.device) -> View:
    """View images by the zoo's own classifier, or by the bundled one. Raises ClassifierError."""
    own = path(out, data)
    if own.is_file():
        return protocol(data).view(classifier_file.load(own), device)
    return bundled_view(data, device)
