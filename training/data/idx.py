"""Idx: MNIST's file format, the two built-in data sets in it, and a user's own pairs."""

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data import source
from training.data.dataset import DataError, Raw

UNSIGNED_BYTES = 0x08
DIGITS = tuple("0123456789")
GARMENTS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


@dataclass(frozen=True, kw_only=True)
class Public:
    """A public data set in idx files: where it is, and the sha256 of each file's raw content."""

    folder: str
    address: str
    class_names: tuple[str, ...]
    checksums: dict[str, str]


MNIST = Public(
    folder="mnist",
    address="https://ossci-datasets.s3.amazonaws.com/mnist/",
    class_names=DIGITS,
    checksums={
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
)
FASHION_MNIST = Public(
    folder="fashion_mnist",
    address="http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    class_names=GARMENTS,
    checksums={
        "train-images-idx3-ubyte": (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte": (
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
        "t10k-images-idx3-ubyte": (
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte": (
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    },
)


def read_mnist(split: str, root: Path | None) -> Raw:
    """Read MNIST: images (N, 1, 28, 28)."""
    return read_public(MNIST, split, root)


def read_fashion_mnist(split: str, root: Path | None) -> Raw:
    """Read Fashion-MNIST: images (N, 1, 28, 28)."""
    return read_public(FASHION_MNIST, split, root)


def read_public(data: Public, split: str, root: Path | None) -> Raw:
    """Read one split of a public data set from a data root or its address."""
    prefix = {"train": "train", "test": "t10k"}[split]
    images = read_public_file(data, f"{prefix}-images-idx3-ubyte", root)  # (N, H, W)
    labels = read_public_file(data, f"{prefix}-labels-idx1-ubyte", root)  # (N,)
    return Raw(images=images.unsqueeze(1), labels=labels.long(), class_names=data.class_names)


def read_public_file(data: Public, name: str, root: Path | None) -> Tensor:
    """Read one file, decompressed or not, and check its content against the published sha256."""
    file = source.PublicFile(
        folder=data.folder, name=f"{name}.gz", address=f"{data.address}{name}.gz"
    )
    return source.obtain(file, root, lambda path: read_file(path, data.checksums[name]))


def read_file(path: Path, checksum: str | None = None) -> Tensor:
    """Read an idx file, gzip or plain; its name tells how many dimensions it has."""
    raw = source.content(path)
    if checksum is not None:
        source.verify(raw, checksum, str(path))
    return parse(raw, 3 if "idx3" in path.name else 1, path)


def parse(raw: bytes, dimensions: int, path: Path) -> Tensor:
    """Return the uint8 tensor that idx bytes hold; DataError names the file and what it holds."""
    magic = bytes((0, 0, UNSIGNED_BYTES, dimensions))
    start = len(magic) + 4 * dimensions
    if raw[:4] != magic or len(raw) < start:
        raise DataError(
            f"{path}: {len(raw)} bytes that begin with {raw[:4].hex(' ') or 'nothing'}; expected "
            f"{magic.hex(' ')} and {dimensions} sizes: give an idx file of unsigned bytes"
        )
    shape = struct.unpack(f">{dimensions}I", raw[4:start])
    if 0 in shape:
        raise DataError(f"{path}: sizes {shape}; expected sizes above 0: give a file with data")
    if len(raw) - start != math.prod(shape):
        raise DataError(
            f"{path}: {len(raw) - start} bytes after the header; expected {math.prod(shape)} for "
            f"{' x '.join(map(str, shape))}: the file is cut or damaged, replace it"
        )
    # Copied, because torch needs memory that it may write to.
    return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=start).reshape(shape).copy())


def is_images(path: Path) -> bool:
    """Tell whether a path is named like the images of an idx pair."""
    return "images" in path.name and "idx3" in path.name


def read_pair(path: Path, split: str) -> Raw:
    """Read a user's images (N, 1, H, W), with the labels that lie beside them if there are any."""
    path = split_of(path, split)
    images = read_file(path)
    labels_at = labels_beside(path)
    if labels_at is None:
        return Raw(images=images.unsqueeze(1))
    labels = read_file(labels_at)
    if len(labels) != len(images):
        raise DataError(
            f"{labels_at}: {len(labels)} labels; expected {len(images)}, one for each image of "
            f"{path.name}: give files that belong together"
        )
    names = tuple(str(index) for index in range(int(labels.max()) + 1))
    return Raw(images=images.unsqueeze(1), labels=labels.long(), class_names=names)


def split_of(path: Path, split: str) -> Path:
    """Return the file itself to train on, or for "test" the one beside it named t10k or test."""
    if split == "train":
        return path
    names = [path.name.replace("train", other) for other in ("t10k", "test")]
    for other in map(path.with_name, names):
        if other != path and other.is_file():
            return other
    raise DataError(
        f"{path} has no test split; expected {' or '.join(names)} beside it: "
        "put it there, or ask for the train split"
    )


def labels_beside(path: Path) -> Path | None:
    """Return the labels' file by its usual name, compressed or not, or None."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    candidates = (path.with_name(name + suffix) for suffix in (".gz", ""))
    return next((candidate for candidate in candidates if candidate.is_file()), None)
