"""Inputs: what a generator is given row by row, z and behind it the codes: drawn, or asked for."""

from collections.abc import Iterable, Sequence

from models import latents
from models.latents import Seeds
from service.catalog import Entry
from service.engine.work import Floats
from service.errors import InvalidRequestError
from service.schemas import Codes


def check(
    entry: Entry, given: Iterable[Sequence[float] | None], asked: Iterable[Codes | None]
) -> None:
    """Raise InvalidRequestError for a latent of another length or a code that the model has not."""
    dimension, kinds = entry.card.latent.dimension, entry.card.codes
    for place, values in enumerate(given):
        if values is not None and len(values) != dimension:
            raise InvalidRequestError(
                f"latent: number {place} has {len(values)} values, {entry.name} takes {dimension}"
            )
    for codes in asked:
        if codes is not None and kinds is None:
            raise InvalidRequestError(
                f"codes: some were given, but {entry.name} has none: leave codes out, or choose a "
                "model whose codes GET /models lists"
            )
        if codes is not None and kinds is not None:
            check_codes(codes, kinds.categorical, kinds.continuous, entry.name)


def z_of(entry: Entry, seeds: Seeds, given: Iterable[Sequence[float] | None]) -> Floats:
    """Draw z of each seed, (n,) to (n, dimension), but where one is given."""
    z = latents.normal(seeds, entry.card.latent.dimension)
    for place, values in enumerate(given):
        if values is not None:
            z[place] = values
    return z


def codes_of(entry: Entry, seeds: Seeds, given: Iterable[Codes | None]) -> Floats | None:
    """Draw the codes of each seed, (n,) to (n, width), but where they are given.

    None where the model has none.
    """
    kinds = entry.card.codes
    if kinds is None:
        return None
    rows = latents.codes(seeds, kinds.categorical, kinds.continuous)
    for row, asked in zip(rows, given, strict=True):
        if asked is not None:
            put(row, asked, kinds.categorical)
    return rows


def check_codes(asked: Codes, counts: Sequence[int], continuous: int, name: str) -> None:
    """Raise InvalidRequestError for a code that the model has not."""
    for kind, found, known in (
        ("categorical", len(asked.categorical), len(counts)),
        ("continuous", len(asked.continuous), continuous),
    ):
        if found > known:
            raise InvalidRequestError(f"codes.{kind}: {found} were given, {name} has {known}")
    for place, (value, count) in enumerate(zip(asked.categorical, counts, strict=False)):
        if value is not None and value >= count:
            raise InvalidRequestError(
                f"codes.categorical: number {place} is {value}, expected 0 to {count - 1}"
            )


def put(row: Floats, asked: Codes, counts: Sequence[int]) -> None:
    """Write the codes that are asked for into a row (width,)."""
    first = 0
    for value, count in zip(asked.categorical, counts, strict=False):
        if value is not None:
            row[first : first + count] = 0
            row[first + value] = 1
        first += count
    first = sum(counts)
    for place, number in enumerate(asked.continuous):
        if number is not None:
            row[first + place] = number
