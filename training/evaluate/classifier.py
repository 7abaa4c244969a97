"""Classifier: a small convolutional network that says which class an image shows."""

import torch
from torch import Tensor, nn

from models.errors import UserError
from training.data import DataSet

WIDTHS = ((16,), (32, 48), (96, 96))
SMALLEST_SIZE = 2 ** (len(WIDTHS) - 1)
BATCH = 500


class Classifier(nn.Module):
    """Five 3x3 convolutions in three stages, each stage at half the side of the one before.

    An image of 28x28 costs 9.8 million multiply-adds; there are 145 thousand parameters.
    """

    def __init__(self, *, channels: int, size: int, classes: int) -> None:
        super().__init__()
        if size < SMALLEST_SIZE:
            raise UserError(
                f"image size {size} cannot be halved {len(WIDTHS) - 1} times: "
                f"choose a size of {SMALLEST_SIZE} or more"
            )
        self.shape = (channels, size, size)
        stages: list[nn.Module] = []
        for index, widths in enumerate(WIDTHS):
            stages += [nn.MaxPool2d(2)] if index else []
            for width in widths:
                stages.append(block(channels, width))
                channels = width
        self.trunk = nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(channels, classes)

    def features(self, x: Tensor) -> Tensor:
        """Map images (B, C, S, S) in [-1, 1] to the activations under the last layer, (B, 96)."""
        return self.trunk(x)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (B, C, S, S) in [-1, 1] to logits (B, classes)."""
        return self.head(self.features(x))


def block(narrow: int, wide: int) -> nn.Sequential:
    """Convolve without changing the side."""
    convolution = nn.Conv2d(narrow, wide, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(wide), nn.ReLU(inplace=True))


@torch.inference_mode()
def predict(classifier: Classifier, pixels: Tensor) -> Tensor:
    """Name the classes of uint8 images: (N, C, S, S) to (N,) int64, on the CPU.

    Raises ValueError for images of another shape than the classifier was made for.
    """
    if tuple(pixels.shape[1:]) != classifier.shape:
        raise ValueError(
            f"images are {tuple(pixels.shape[1:])}, the classifier takes {classifier.shape}"
        )
    device = classifier.head.weight.device
    parts = [part.to(device).float() / 127.5 - 1 for part in pixels.split(BATCH)]
    return torch.cat([classifier(part).argmax(dim=1) for part in parts]).cpu()


def accuracy(classifier: Classifier, data: DataSet) -> float:
    """Return the share of labelled images whose class is named right."""
    assert data.labels is not None, "the caller lets only labelled data in"
    return int((predict(classifier, data.images) == data.labels).sum()) / len(data)
