"""CIFAR-10: 50,000 + 10,000 colour images of 32x32, from sheets or the public binary version.

The public python version is a pickle, which could run any code: it is never read.
"""

import io
import tarfile
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.data import source
from training.data.dataset import DataError, Raw

SIDE = 32
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FOLDER = "cifar10"
SHEETS = "cifar10_webp_sheets.tar"
BINARY = source.PublicFile(
    folder=FOLDER,
    name="cifar-10-binary.tar.gz",
    address="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
)
# The sha256 of each member that a split needs, in order.
RECORDS = {
    "train": {
        "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    },
    "test": {
        "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    },
}


@dataclass(frozen=True, kw_only=True)
class Sheets:
    """The sheets of a split: how many, and the sha256 of its pixels (N, H, W, C) and labels."""

    count: int
    pixels: str
    labels: str


SHEETS_OF = {
    "train": Sheets(
        count=50,
        pixels="cce165ac90d6bd6e7762224a0952881f7df1ef17887afd9fbfdc309133ed96a4",
        labels="29fe798b91fa4345ba1d3710aae248fd789986cd8525b60648a0b51839737933",
    ),
    "test": Sheets(
        count=10,
        pixels="824ba338edfb46be96eaf13136dbea3be1677e52a8b8a4dc5ae25282c9c914bd",
        labels="389a7cd039056d9d31d2194a3a79696fc5229ea72cf0541411fabd4b909848ae",
    ),
}


def read(split: str, root: Path | None) -> Raw:
    """Read CIFAR-10: images (N, 3, 32, 32), from the sheets where a root has them."""
    if path := source.find(FOLDER, SHEETS, root):
        return read_sheets(path, split, SHEETS_OF[split])
    return source.obtain(BINARY, root, lambda path: read_records(path, RECORDS[split]))


def read_records(path: Path, checksums: Mapping[str, str]) -> Raw:
    """Read the binary version: a record is a label's byte and a planar image's 3072."""
    found = members(path, tuple(checksums))
    for name, checksum in checksums.items():
        source.verify(found[name], checksum, f"{path}: {name}")
    raw = np.frombuffer(b"".join(found[name] for name in checksums), np.uint8)
    records = raw.reshape(-1, 1 + 3 * SIDE * SIDE)
    images = records[:, 1:].reshape(-1, 3, SIDE, SIDE)
    return labelled(images, records[:, 0])


def read_sheets(path: Path, split: str, sheets: Sheets) -> Raw:
    """Read the sheets: images in rows on large lossless pictures, labels in an .npy beside them."""
    labels_name = f"{split}_labels.npy"
    pictures = [f"{split}_{index:02}.webp" for index in range(sheets.count)]
    found = members(path, (*pictures, labels_name))
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(cut, [found[name] for name in pictures]))
    images = np.concatenate(parts)  # (N, 32, 32, 3)
    labels = np.load(io.BytesIO(found[labels_name]), allow_pickle=False)
    source.verify(images.data, sheets.pixels, f"{path}: {split} images")
    source.verify(labels.data, sheets.labels, f"{path}: {split} labels")
    return labelled(images.transpose(0, 3, 1, 2), labels)


def cut(sheet: bytes) -> np.ndarray:
    """Cut a sheet into its images, row by row: (N, 32, 32, 3)."""
    with Image.open(io.BytesIO(sheet)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    rows, columns = pixels.shape[0] // SIDE, pixels.shape[1] // SIDE
    grid = pixels.reshape(rows, SIDE, columns, SIDE, 3)
    return grid.transpose(0, 2, 1, 3, 4).reshape(-1, SIDE, SIDE, 3)


def labelled(images: np.ndarray, labels: np.ndarray) -> Raw:
    """Return images (N, 3, 32, 32) and labels (N,) as tensors of their own memory."""
    return Raw(
        images=torch.from_numpy(images.copy()),
        labels=torch.from_numpy(labels.astype(np.int64)),
        class_names=CLASSES,
    )


def members(path: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Return a tar's files by their last name; DataError when one is missing or it is broken."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = Path(member.name).name
                file = archive.extractfile(member) if name in names else None
                if file is not None:
                    found[name] = file.read()
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise DataError(f"{path}: {error}; expected a whole tar file: replace it") from error
    if missing := [name for name in names if name not in found]:
        raise DataError(f"{path}: holds no {', '.join(missing)}; expected the whole data set")
    return found
