"""Fit: a classifier from labelled images."""

import math
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from models.checkpoint import stored
from training.augmentation import Augmentation
from training.data import Batches, DataError, DataSet
from training.evaluate.classifier import Classifier, accuracy
from training.evaluate.classifier_file import PART, ClassifierCard, TrainedClassifier, rebuild
from training.hardware import choose_autocast

BATCH = 128
PEAK_RATE = 0.08
MOMENTUM = 0.9
WEIGHT_DECAY = 5e-4
LABEL_SMOOTHING = 0.1
CLIMB = 0.25

Augment = Callable[[Tensor], Tensor]
Report = Callable[[int, float], None]
"""Told the number of epochs done and the last one's mean loss."""


def train_classifier(
    data: DataSet,
    test: DataSet,
    *,
    epochs: int,
    seed: int,
    device: torch.device,
    augmentation: Augmentation,
    report: Report,
) -> TrainedClassifier:
    """Train on `data` and measure on `test`, with the weights as a file will hold them.

    Raises DataError for data that has no classes, or for two splits that do not belong together.
    """
    check_splits(data, test)
    began = time.monotonic()
    network = initial(data, seed).to(device)
    batches = Batches(data, min(BATCH, len(data)), seed, device)
    random = torch.Generator(device).manual_seed(seed)
    fit(network, batches, epochs, partial(augmentation.apply, random=random), report)
    network = rebuild(
        stored(PART, network), channels=data.channels, size=data.size, classes=data.classes
    )
    card = ClassifierCard(
        dataset=data.name,
        data_digest=data.digest,
        test_digest=test.digest,
        class_names=data.class_names,
        channels=data.channels,
        size=data.size,
        epochs=epochs,
        seed=seed,
        augmentation=augmentation,
        accuracy=accuracy(network, test),
        seconds=round(time.monotonic() - began, 1),
        versions={"python": sys.version.split()[0], "torch": version("torch")},
    )
    return TrainedClassifier(card=card, network=network)


def check_splits(data: DataSet, test: DataSet) -> None:
    """Raise DataError unless both have the same two or more classes and the same shape."""
    if data.classes < 2:
        raise DataError(
            f"{data.name} has {data.classes} classes; a classifier needs two or more: "
            "give labelled images"
        )
    kinds = [(part.class_names, part.images.shape[1:]) for part in (data, test)]
    if kinds[0] != kinds[1]:
        raise DataError(
            f"{data.name}: training images are {kinds[0]}, test images are {kinds[1]}; "
            "expected the same classes and shape"
        )


def initial(data: DataSet, seed: int) -> Classifier:
    """Build the network that this seed starts from, on every device the same."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return Classifier(channels=data.channels, size=data.size, classes=data.classes)


def fit(
    network: Classifier, batches: Batches, epochs: int, augment: Augment, report: Report
) -> None:
    """Train in place: one step a batch, one report an epoch."""
    total = epochs * batches.per_epoch
    optimiser = make_optimiser(network)
    schedule = LambdaLR(optimiser, partial(one_cycle, total=total))
    sum_of_losses = torch.zeros((), device=network.head.weight.device)
    network.train()
    for index in range(total):
        batch = batches[index]
        sum_of_losses += step(network, optimiser, augment(batch.images), batch.labels)
        schedule.step()
        epoch, left = divmod(index + 1, batches.per_epoch)
        if not left:
            report(epoch, float(sum_of_losses) / batches.per_epoch)
            sum_of_losses.zero_()


def step(
    network: Classifier, optimiser: Optimizer, images: Tensor, labels: Tensor | None
) -> Tensor:
    """Move the weights once and return the loss."""
    assert labels is not None, "check_splits lets only labelled data in"
    with choose_autocast("auto", images.device):
        logits = network(images.contiguous(memory_format=torch.channels_last))
    loss = cross_entropy(logits.float(), labels, label_smoothing=LABEL_SMOOTHING)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def make_optimiser(network: nn.Module) -> Optimizer:
    """Build SGD with Nesterov momentum; only matrices and kernels decay."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim == 1]
    groups = [
        {"params": weights, "weight_decay": WEIGHT_DECAY},
        {"params": others, "weight_decay": 0.0},
    ]
    return SGD(groups, lr=PEAK_RATE, momentum=MOMENTUM, nesterov=True)


def one_cycle(step: int, total: int) -> float:
    """Return the share of the peak rate: a straight climb, then half a cosine down to 0.

    After Smith and Topin 2018, "Super-convergence", §3.
    """
    top = max(1, round(CLIMB * total))
    if step < top:
        return (step + 1) / (top + 1)
    return (1 + math.cos(math.pi * (step - top) / (total - top + 1))) / 2
