"""Rows: from a request's tensors to work, all images at once."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from models import latents
from models.latents import SEED_LIMIT
from service import classes
from service.catalog import Entry
from service.engine.work import Classes, Floats, Points, Samples, Seeds
from service.errors import InvalidRequestError
from service.parts import Part
from service.schemas import LARGEST
from service.v2.codec import Array

RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "seed": (0, SEED_LIMIT - 1),
        "z": (-LARGEST, LARGEST),
        "codes": (-LARGEST, LARGEST),
        "truncation": (0, 1),
    }
)


def part(entry: Entry, given: Mapping[str, Array]) -> Part:
    """Work out the images of tensors that the model has. Raises InvalidRequestError.

    Nothing is drawn but from the seeds: the same tensors are the same images.
    """
    check(given)
    seeds = given["seed"].reshape(-1) if "seed" in given else None
    at = classes_of(entry, given, seeds)
    return Part(work(entry, given, seeds, at), [] if seeds is None else seeds.tolist(), at)


def check(given: Mapping[str, Array]) -> None:
    """Raise InvalidRequestError for what does not go together, and for values out of range."""
    if "seed" not in given and "z" not in given:
        raise InvalidRequestError("inputs: neither seed nor z is among them: expected one of them")
    if "z" in given and "truncation" in given:
        raise InvalidRequestError("truncation: z is given: give it already multiplied")
    for name, (low, high) in RANGES.items():
        values = given.get(name)
        if values is None or (low <= values.min() and values.max() <= high):  # not so with NaN
            continue
        wrong = values[~((values >= low) & (values <= high))]
        raise InvalidRequestError(f"{name}: found {wrong[0]}, expected {low} to {high}")


def classes_of(entry: Entry, given: Mapping[str, Array], seeds: Seeds | None) -> Classes | None:
    """Find the class of each image, drawn from its seed where none is given."""
    if "class" in given:
        at = given["class"].reshape(-1)
        for wrong in at[(at < 0) | (at >= len(entry.card.class_names))][:1]:
            classes.index(entry, int(wrong))  # which raises
        return at
    if entry.card.conditional and seeds is None:
        raise undrawn("class")
    return None if seeds is None else classes.drawn(entry, seeds)


def work(
    entry: Entry, given: Mapping[str, Array], seeds: Seeds | None, at: Classes | None
) -> Points | Samples:
    """Decide what the generator is given."""
    if seeds is not None and not {"z", "codes", "truncation"} & given.keys():
        return Samples(seeds, at)
    z = z_of(entry, given, seeds)
    if "truncation" in given:
        z = z * given["truncation"].reshape(-1, 1)
    codes = codes_of(entry, given, seeds)
    return Points.at(z if codes is None else np.concatenate([z, codes], axis=1), at)


def z_of(entry: Entry, given: Mapping[str, Array], seeds: Seeds | None) -> Floats:
    """Give each image its z, drawn from its seed where none is given."""
    if seeds is None or "z" in given:
        return given["z"]
    return latents.normal(seeds, entry.card.latent.dimension)


def codes_of(entry: Entry, given: Mapping[str, Array], seeds: Seeds | None) -> Floats | None:
    """Give each image its codes, drawn from its seed where none are given."""
    kinds = entry.card.codes
    if kinds is None or "codes" in given:
        return given.get("codes")
    if seeds is None:
        raise undrawn("codes")
    return latents.codes(seeds, kinds.categorical, kinds.continuous)


def undrawn(name: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{name}: z draws none: give {name}, or beside z a seed that it is drawn from"
    )
