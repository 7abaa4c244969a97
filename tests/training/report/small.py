"""A small zoo, run in this process: codes, energies, classes, two seeds, and a failure."""

from pathlib import Path

import pytest
import torch

from training import run
from training.augmentation import Augmentation
from training.data import load
from training.evaluate import classifier_file
from training.evaluate.fit import train_classifier
from training.zoo import best, evaluations, failure, judges
from training.zoo.entry import Entry
from training.zoo.order import Order
from training.zoo.work import make

SMALL = {
    "latent": 4,
    "embedding": 4,
    "generator_width": 4,
    "discriminator_width": 4,
    "generator_hidden": 8,
    "discriminator_hidden": 8,
}
MADE = [
    Entry(variant="infogan", data="digits"),
    Entry(variant="infogan", data="digits", seed=1),
    Entry(variant="ebgan", data="digits"),
    Entry(variant="cgan", data="digits"),
]
FAILED = Entry(variant="gan", data="digits")
REASON = "the weights are not finite after step 3 <b>&"


def zoo(folder: Path) -> None:
    """Fill a folder as `ganforge zoo` does, with a hundredth of the steps and samples."""
    order = Order(out=folder, epochs=1, device="cpu", settings={"": SMALL})
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "LOG_EVERY", 4)
        patch.setattr(best, "SAMPLES", 100)
        patch.setattr(evaluations, "SAMPLES", 120)
        judge(folder)
        for entry in MADE:
            make(entry, order)
    failure.keep(order.folder(FAILED), FAILED, REASON)


def judge(folder: Path) -> None:
    """Have a classifier, however bad."""
    trained = train_classifier(
        load("digits"),
        load("digits", split="test"),
        epochs=1,
        seed=0,
        device=torch.device("cpu"),
        augmentation=Augmentation(),
        report=lambda epoch, loss: None,
    )
    classifier_file.save(judges.path(folder, "digits"), trained)
