"""In-domain: the view of the small classifier that learnt from the same data."""

from copy import deepcopy

import torch
from torch import Tensor

from training.evaluate.classifier import Classifier
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.view import Look, View

NAME = "in_domain"
BATCH = 250  # larger ones fall out of the cache: measured on a CPU, 500 take half as long again


def in_domain(trained: TrainedClassifier, device: torch.device) -> View:
    """View images by the 96 activations under the classifier's last layer."""
    network = placed(trained.network, device)

    def see(pixels: Tensor) -> Look:
        features = network.features(scaled(pixels))
        return Look(features=features, logits=network.head(features))

    return View(
        name=NAME,
        about=introduce(trained),
        shape=network.shape,
        class_names=trained.card.class_names,
        network=see,
        device=device,
        batch=BATCH,
    )


def placed(network: Classifier, device: torch.device) -> Classifier:
    """Copy a classifier to a device, in the layout that convolutions like."""
    return deepcopy(network).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def scaled(pixels: Tensor) -> Tensor:
    """Map uint8 images (B, C, S, S) to [-1, 1], as training gives them."""
    return (pixels.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def introduce(trained: TrainedClassifier) -> str:
    """Name the classifier and how far it is to be believed."""
    card = trained.card
    return f"the {card.dataset} classifier ({card.accuracy:.2%} right on test images)"
