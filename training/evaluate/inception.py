"""Inception: the view of the network that published figures are measured with, where it is there.

It is torch-fidelity's: the TensorFlow weights of 2015 that Heusel et al. 2017 used, with their
resizing. Nothing is downloaded.
"""

from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.errors import UserError
from training.evaluate.view import Look, View

NAME = "inception"
MODULE = "torch_fidelity.feature_extractor_inceptionv3"
WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"
CHECKSUM = "6726825d"  # the sha256 begins so: the file's name says it
ADDRESS = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{WEIGHTS}"
HEADS = ["2048", "logits_unbiased"]
BATCH = 50


class InceptionError(UserError):
    """The package or the weights are not on this machine; the message says where they belong."""


def inception(device: torch.device) -> View:
    """View images by Inception's 2,048 features. Raises InceptionError."""
    path = weights()
    network = extractor().FeatureExtractorInceptionV3(
        "inception-v3-compat", HEADS, feature_extractor_weights_path=str(path)
    )
    network.eval().to(device)

    def see(pixels: Tensor) -> Look:
        features, logits = network(coloured(pixels))
        return Look(features=features, logits=logits)

    return View(
        name=NAME,
        about="Inception (pool3, TensorFlow's weights of 2015, images scaled to 299)",
        shape=None,
        network=see,
        device=device,
        batch=BATCH,
    )


def weights() -> Path:
    """Find the weights' file, and prove that it is the published one. Raises InceptionError.

    Proven before torch-fidelity reads it, because it is a pickle.
    """
    path = Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS
    if not path.is_file():
        raise InceptionError(
            f"no figures on Inception's features: expected its weights at {path}, found nothing. "
            f"Put {ADDRESS} there, and `pip install torch-fidelity`"
        )
    found = sha256(path.read_bytes()).hexdigest()
    if not found.startswith(CHECKSUM):
        raise InceptionError(
            f"no figures on Inception's features: {path} has the sha256 {found}, expected one that "
            f"begins with {CHECKSUM}. Replace it by {ADDRESS}"
        )
    return path


def extractor() -> Any:
    """Import torch-fidelity's network. Raises InceptionError."""
    try:
        return import_module(MODULE)
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision of another torch
        raise InceptionError(
            f"no figures on Inception's features: torch-fidelity cannot be imported ({error}). "
            "`pip install torch-fidelity`, with the torchvision that belongs to this torch"
        ) from error


def coloured(pixels: Tensor) -> Tensor:
    """Repeat grey as red, green and blue: (B, 1 or 3, S, S) to (B, 3, S, S)."""
    return pixels.expand(-1, 3, -1, -1)
