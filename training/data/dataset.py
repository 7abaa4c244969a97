"""DataSet: images in memory, ready to be drawn from, and a digest that proves which they are."""

import json
from dataclasses import dataclass
from hashlib import sha256

from torch import Tensor, int64, uint8

from models.errors import UserError


class DataError(UserError):
    """Data that cannot be used: what was found, what was expected, what to do."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Raw:
    """What a reader found: images (N, C, H, W) uint8 at their own size, labels (N,) int64."""

    images: Tensor
    labels: Tensor | None = None
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class DataSet:
    """Square images (N, C, S, S) uint8, C 1 or 3, with labels (N,) int64 or without."""

    name: str
    images: Tensor
    labels: Tensor | None = None
    class_names: tuple[str, ...] = ()
    digest: str

    def __post_init__(self) -> None:
        check_text(self.name, *self.class_names)
        check_images(self.images, self.name)
        check_labels(self.labels, len(self.images), self.class_names, self.name)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def channels(self) -> int:
        """Colours of a pixel: 1 or 3."""
        return self.images.shape[1]

    @property
    def size(self) -> int:
        """Pixels on a side."""
        return self.images.shape[-1]

    @property
    def classes(self) -> int:
        """How many classes the labels speak of; 0 without labels."""
        return len(self.class_names)


def fingerprint(images: Tensor, labels: Tensor | None, class_names: tuple[str, ...]) -> str:
    """Return the sha256 over the shape, the class names, the images' bytes and the labels'."""
    # The shape goes first, so that no two data sets share one stream of bytes.
    header = [list(images.shape), labels is not None, list(class_names)]
    digest = sha256(json.dumps(header).encode())
    digest.update(images.contiguous().numpy().data)
    if labels is not None:
        digest.update(labels.contiguous().numpy().data)
    return digest.hexdigest()


def check_text(*names: str) -> None:
    """Raise DataError for a name that no card could hold: a folder's may be any bytes."""
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise DataError(
                f"the name {name!r} is not UTF-8; expected text: rename the folder"
            ) from error


def check_images(images: Tensor, name: str) -> None:
    """Raise DataError unless images are (N, C, S, S) uint8 with N > 0 and C 1 or 3."""
    shape = tuple(images.shape)
    good = len(shape) == 4 and shape[0] > 0 and shape[1] in (1, 3) and 0 < shape[2] == shape[3]
    if images.dtype != uint8 or not good:
        raise DataError(
            f"{name}: images are {images.dtype} {shape}; expected torch.uint8 (N, C, S, S) "
            "with at least one image and 1 or 3 channels: give square grey or colour images"
        )


def check_labels(labels: Tensor | None, count: int, names: tuple[str, ...], name: str) -> None:
    """Raise DataError unless there is one int64 label per image, each with a class name."""
    if labels is None:
        if names:
            raise DataError(f"{name}: {len(names)} class names and no labels: give both or neither")
        return
    if labels.dtype != int64 or tuple(labels.shape) != (count,):
        raise DataError(
            f"{name}: labels are {labels.dtype} {tuple(labels.shape)}; expected torch.int64 "
            f"({count},): give one class index for each image"
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= len(names):
        raise DataError(
            f"{name}: labels from {low} to {high}; expected 0 to {len(names) - 1}: "
            f"there are {len(names)} class names"
        )
