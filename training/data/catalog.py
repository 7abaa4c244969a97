"""Catalog: from a name or a path to a data set."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from training.data import cifar10, digits, folder, idx, stacked
from training.data.dataset import DataError, DataSet, Raw, fingerprint
from training.data.pixels import recolour, resize

SPLITS = ("train", "test")
LARGEST = 1024


@dataclass(frozen=True, kw_only=True)
class Builtin:
    """A data set that has a name: how to read a split, and the size that it has by default."""

    read: Callable[[str, Path | None], Raw]
    size: int


BUILTIN = {
    "cifar10": Builtin(read=cifar10.read, size=32),
    # 16 and not its own 8, so that it can be halved twice and still be 4 wide.
    "digits": Builtin(read=digits.read, size=16),
    "fashion_mnist": Builtin(read=idx.read_fashion_mnist, size=28),
    "mnist": Builtin(read=idx.read_mnist, size=28),
    "stacked_mnist": Builtin(read=stacked.read, size=28),
}


EXPECTED = (
    f"Expected one of {', '.join(BUILTIN)}, the path of a folder of images, or the path of an "
    "*images*-idx3-ubyte[.gz] file"
)


def names() -> tuple[str, ...]:
    """Return the names of the built-in data sets."""
    return tuple(BUILTIN)


def title(source: str) -> str:
    """Name a data set, by name or by path, as a model or a file may be named after it.

    It is the folder's own name, wherever one stands: `.` has one too. Raises DataError for no name.
    """
    check_given(source)
    if source in BUILTIN:
        return source
    path = Path(source).expanduser().resolve()
    return re.sub(r"[^\w.-]+", "-", path.parent.name if path.is_file() else path.name)


def load(
    source: str,
    *,
    split: str = "train",
    size: int | None = None,
    channels: int | None = None,
    root: Path | None = None,
) -> DataSet:
    """Load a built-in data set, a folder of images or an idx pair.

    `size` and `channels` default to the data's own, for a folder to 64 and to what its images
    need. A built-in name comes before a folder of that name, which `./name` reaches.
    Raises DataError, which says what to do.
    """
    check_given(source)
    check(split, size, channels)
    if source in BUILTIN:
        builtin = BUILTIN[source]
        return fit(source, builtin.read(split, root), size or builtin.size, channels)
    path = Path(source).expanduser()
    name = path.resolve().name
    if path.is_dir():
        raw = folder.read(path, split, size or folder.SIZE, channels)
        return fit(name, raw, size or folder.SIZE, channels)
    if path.is_file() and idx.is_images(path):
        return fit(path.resolve().parent.name, idx.read_pair(path, split), size, channels)
    raise unknown(source)


def check_given(source: str) -> None:
    """Raise DataError for an empty source, which as a path would be the folder one is in."""
    if not source:
        raise DataError(
            f"the data's name is empty, as is a shell variable that is not set. {EXPECTED}; "
            "give '.' for the folder that you are in"
        )


def check(split: str, size: int | None, channels: int | None) -> None:
    """Raise DataError for a choice that no data set can meet."""
    if split not in SPLITS:
        raise DataError(f"split is {split!r}; expected {' or '.join(SPLITS)}")
    if size is not None and not 1 <= size <= LARGEST:
        raise DataError(f"size is {size}; expected 1 to {LARGEST} pixels on a side")
    if channels not in (None, 1, 3):
        raise DataError(f"channels is {channels}; expected 1 (grey) or 3 (colour)")


def fit(name: str, raw: Raw, size: int | None, channels: int | None) -> DataSet:
    """Give raw images (N, C, H, W) the wanted size and colours, and the data its digest."""
    images = resize(raw.images, size or min(raw.images.shape[-2:]))
    images = recolour(images, channels or images.shape[1]).contiguous()
    return DataSet(
        name=name,
        images=images,
        labels=raw.labels,
        class_names=raw.class_names,
        digest=fingerprint(images, raw.labels, raw.class_names),
    )


def unknown(source: str) -> DataError:
    """Compose the error for a source that is neither a name nor a path."""
    close = get_close_matches(source, BUILTIN, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    path = Path(source).expanduser()
    return DataError(
        f"no data set is named {source!r}, and {what(path)} is at that path.{hint} {EXPECTED}"
    )


def what(path: Path) -> str:
    """Say what is there that is no data."""
    if path.is_file():
        return "a file of another kind"
    return "what is neither a folder nor a file" if path.exists() else "nothing"
