"""Folder: a user's images of any size and kind, whose sub-folders are the classes."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from models.picture import Pixels
from training.data import picture
from training.data.dataset import DataError, Raw

SIZE = 64
SPLITS = ("train", "test")
# Sub-folders that mean a layout in splits when there are no others.
SPLIT_NAMES = {*SPLITS, "val", "valid", "validation"}
# How many unreadable files a message names.
NAMED = 10
# How many decoded images may wait to be taken, so that a large folder is in memory once.
AHEAD = 1024

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Decoded:
    """What could be read: pixels (N, C, S, S), from which paths; and why others could not."""

    pixels: Pixels
    paths: list[Path] = field(default_factory=list)
    failures: dict[Path, str] = field(default_factory=dict)
    grey: bool = True

    def add(self, path: Path, outcome: Pixels | str) -> None:
        """Keep an image (C, S, S), or the reason why there is none."""
        if isinstance(outcome, str):
            self.failures[path] = outcome
            return
        self.pixels[len(self.paths)] = outcome
        self.paths.append(path)
        self.grey = self.grey and len(outcome) == 1


def read(folder: Path, split: str, size: int, channels: int | None) -> Raw:
    """Read a folder's images (N, C, size, size); its immediate sub-folders with images are classes.

    Sub-folders named train and test are the splits. Unreadable files are named in one warning.
    Raises DataError when nothing is left, or when it cannot be told which images are meant.
    """
    # A picture that would fill the memory is an unreadable file, not a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        places = splits(folder)
        if split not in places:
            raise DataError(
                f"{folder} has no {split} split; expected images in {folder / split}, beside "
                f"{folder / 'train'}: put them there, or ask for the train split"
            )
        class_names = classes(tuple(places.values()))
        decoded = decode(tuple(files(places[split])), size, channels)
    report(decoded, places[split])
    return raw(decoded, places[split], class_names, channels)


def raw(decoded: Decoded, place: Path, class_names: tuple[str, ...], channels: int | None) -> Raw:
    """Return what was decoded, with the label that each path's first folder stands for."""
    depth = channels or (1 if decoded.grey else 3)
    images = torch.from_numpy(decoded.pixels[: len(decoded.paths), :depth])
    if not class_names:
        return Raw(images=images)
    numbers = {name: number for number, name in enumerate(class_names)}
    labels = [numbers[path.relative_to(place).parts[0]] for path in decoded.paths]
    if absent := sorted(numbers.keys() - {class_names[label] for label in labels}):
        logger.warning("%s: not one image of %s, which is a class", place, listed(absent))
    return Raw(images=images, labels=torch.tensor(labels), class_names=class_names)


def splits(folder: Path) -> Mapping[str, Path]:
    """Return the folder of each split; in a folder without splits all is train."""
    inside = {entry.name for entry in entries(folder) if entry.is_dir()}
    # A sub-folder named train among others could be a class: locomotives, say.
    if not (inside >= set(SPLITS) or ("train" in inside and inside <= SPLIT_NAMES)):
        return {"train": folder}
    check_mixture(folder, inside)
    if unread := sorted(inside - set(SPLITS)):
        logger.warning("%s: only train and test are read, not %s", folder, listed(unread))
    return {split: folder / split for split in SPLITS if split in inside}


def classes(places: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the sub-folders with images, the same for every split."""
    inside = [entry for place in places for entry in entries(place) if entry.is_dir()]
    found = {entry.name for entry in inside if any(map(picture.is_image, files(entry)))}
    for place in places:
        check_mixture(place, found)
    if found and (empty := sorted({entry.name for entry in inside} - found)):
        logger.warning("%s: no class, for there is no image in it", listed(empty))
    return tuple(sorted(found))


def check_mixture(place: Path, inside: set[str]) -> None:
    """Raise DataError for images beside classes, which to drop would be a silent loss."""
    if not inside:
        return
    loose = (entry for entry in entries(place) if entry.is_file() and picture.is_image(entry))
    if image := next(loose, None):
        raise DataError(
            f"{place} mixes images ({image.name!r}) with sub-folders ({listed(sorted(inside))}); "
            "expected one or the other: move the images into a sub-folder, or the sub-folders away"
        )


def entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, sorted, without hidden names."""
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def files(folder: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield the files in and under a folder, sorted; links are followed, but never in a circle."""
    real = folder.resolve()
    if real in above:
        return
    for entry in entries(folder):
        if entry.is_dir():
            yield from files(entry, (*above, real))
        else:
            yield entry


def decode(paths: Sequence[Path], size: int, channels: int | None) -> Decoded:
    """Read the images at paths, in their order, several at a time."""
    # Colour until every image has turned out grey: a grey one fills three equal channels.
    decoded = Decoded(pixels=np.empty((len(paths), channels or 3, size, size), np.uint8))
    one = partial(attempt, size=size, channels=channels)
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(paths), AHEAD):
            some = paths[start : start + AHEAD]
            for path, outcome in zip(some, pool.map(one, some), strict=True):
                decoded.add(path, outcome)
    return decoded


def attempt(path: Path, size: int, channels: int | None) -> Pixels | str:
    """Return an image's pixels, or the reason why it has none."""
    try:
        return picture.read(path, size, channels)
    except UnidentifiedImageError:
        return "not an image"
    except Exception as error:  # Pillow's decoders raise whatever broken bytes lead them to
        return str(error) or type(error).__name__


def report(decoded: Decoded, place: Path) -> None:
    """Warn of unreadable files; DataError when there is nothing else."""
    reasons = [
        f"{str(path.relative_to(place))!r} ({reason})" for path, reason in decoded.failures.items()
    ]
    if not decoded.paths:
        found = f"only unreadable files: {listed(reasons)}" if reasons else "no files"
        raise DataError(f"{place} holds {found}; expected images: give another folder")
    if reasons:
        total = len(reasons) + len(decoded.paths)
        logger.warning(
            "%s: %d of %d files are no readable images and are left out: %s",
            place,
            len(reasons),
            total,
            listed(reasons),
        )


def listed(names: Sequence[str]) -> str:
    """Join names, the first few of many."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
