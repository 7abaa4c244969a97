"""Sheet: all images that a `POST /generate` asks for, of which any part can be worked out alone."""

import secrets
from collections.abc import Sequence

import numpy as np

from models import latents
from models.latents import Seeds
from service import classes, inputs
from service.catalog import Entry
from service.engine.work import Classes, Points, Samples
from service.errors import brief, wrong
from service.parts import Part
from service.schemas import Codes, GenerateRequest


class Sheet:
    """`count` images of a model, from the seed `first` on, which is drawn if none is asked for.

    Raises InvalidRequestError for what the model cannot do, and for more than `limit`; `more` says
    how more may be asked for.
    """

    def __init__(self, asked: GenerateRequest, entry: Entry, limit: int, more: str = "") -> None:
        self.entry = entry
        self.count = count_of(asked, limit, more)
        self.first = seed_of(asked, self.count)
        self._truncation = asked.truncation
        self._latents = asked.latents
        self._codes = asked.codes
        if asked.latents is not None and asked.truncation is not None:
            message = "latents are given: give them already multiplied"
            raise wrong("truncation", message, asked.truncation)
        inputs.check_latents(entry, self._latents or (), "latents.{}")
        if isinstance(self._codes, Codes):
            inputs.check_codes(entry, [self._codes], "codes")
        else:
            inputs.check_codes(entry, self._codes or (), "codes.{}")
        self._classes = given_classes(asked, entry)

    def part(self, start: int, stop: int) -> Part:
        """Work out the images `start` to `stop`."""
        seeds = np.arange(self.first + start, self.first + stop, dtype=np.int64)
        at = self._classes_of(seeds, slice(start, stop))
        return Part(self._work(seeds, at, slice(start, stop)), seeds.tolist(), at)

    def _classes_of(self, seeds: Seeds, some: slice) -> Classes | None:
        """Give each seed its class: the one asked for, or one drawn from the seed."""
        if self._classes is None:
            return classes.drawn(self.entry, seeds)
        if len(self._classes) == 1:
            return np.full(len(seeds), self._classes[0])
        return self._classes[some]

    def _work(self, seeds: Seeds, at: Classes | None, some: slice) -> Points | Samples:
        """Decide what the generator is given."""
        if self._latents is None and self._codes is None and self._truncation is None:
            return Samples(seeds, at)
        z = inputs.z_of(self.entry, seeds, (self._latents or [])[some])
        if self._truncation is not None:
            z *= np.float32(self._truncation)
        codes = inputs.codes_of(self.entry, seeds, self._codes_of(len(seeds), some))
        return Points.at(z if codes is None else np.concatenate([z, codes], axis=1), at)

    def _codes_of(self, count: int, some: slice) -> Sequence[Codes | None]:
        if isinstance(self._codes, list):
            return self._codes[some]
        return [self._codes] * count


def given_classes(asked: GenerateRequest, entry: Entry) -> Classes | None:
    """Find the indices of the classes that are asked for, one of all or one each.

    None where none is. Raises InvalidRequestError for one that the model has not.
    """
    if asked.class_ is None:
        return None
    if not isinstance(asked.class_, list):
        return np.array([classes.index(entry, asked.class_)], np.int64)
    each = enumerate(asked.class_)
    return np.array([classes.index(entry, one, f"class.{at}") for at, one in each], np.int64)


def seed_of(asked: GenerateRequest, count: int) -> int:
    """Say what the first seed is. Raises InvalidRequestError."""
    first = asked.seed if asked.seed is not None else secrets.randbelow(latents.SEED_LIMIT - count)
    if first + count > latents.SEED_LIMIT:
        raise wrong(
            "seed",
            f"{first} with n {count} ends at {first + count - 1}: expected seeds below "
            f"{latents.SEED_LIMIT}",
            first,
        )
    return first


def count_of(asked: GenerateRequest, limit: int, more: str) -> int:
    """Say how many images are asked for. Raises InvalidRequestError."""
    lists = {"class": asked.class_, "latents": asked.latents, "codes": asked.codes}
    listed = {name: len(given) for name, given in lists.items() if isinstance(given, list)}
    count = asked.n if asked.n is not None else max(listed.values(), default=1)
    for name, length in listed.items():
        if length == 0:
            raise wrong(name, "the list is empty: give one for each image", [])
        if length != count:
            message = f"{length} are listed, n is {brief(count)}: give one for each"
            raise wrong(name, message, length)
    if not 1 <= count <= limit:
        message = f"{brief(count)} images are asked for, expected 1 to {limit}{more}"
        raise wrong("n", message, count)
    return count
