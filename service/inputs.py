"""Inputs: what a generator is given row by row, z and behind it the codes: drawn, or asked for."""

from collections.abc import Iterable, Sequence

from models import latents
from models.card import Codes as Kinds
from models.latents import Seeds
from service.catalog import Entry
from service.engine.work import Floats
from service.errors import wrong
from service.schemas import Codes


def check_latents(entry: Entry, given: Iterable[Sequence[float] | None], field: str) -> None:
    """Raise InvalidRequestError for a latent of another length than the model's.

    `field` is where the request gives them, with {} in the place of a latent's number.
    """
    dimension = entry.card.latent.dimension
    for place, values in enumerate(given):
        if values is not None and len(values) != dimension:
            message = f"it has {len(values)} values, {entry.name} takes {dimension}"
            raise wrong(field.format(place), message, values)


def check_codes(entry: Entry, given: Iterable[Codes | None], field: str) -> None:
    """Raise InvalidRequestError for codes that the model has not; `field` as of latents."""
    kinds = entry.card.codes
    for place, codes in enumerate(given):
        if codes is not None and kinds is None:
            raise wrong(
                field.format(place),
                f"some were given, but {entry.name} has none: leave codes out, or choose a model "
                "whose codes GET /models lists",
                codes.model_dump(),
            )
        if codes is not None and kinds is not None:
            check_values(codes, kinds, entry.name, field.format(place))


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


def check_values(asked: Codes, kinds: Kinds, name: str, field: str) -> None:
    """Raise InvalidRequestError for a code that the model has not."""
    for kind, values, known in (
        ("categorical", asked.categorical, len(kinds.categorical)),
        ("continuous", asked.continuous, kinds.continuous),
    ):
        if len(values) > known:
            raise wrong(f"{field}.{kind}", f"{len(values)} were given, {name} has {known}", values)
    for place, (value, count) in enumerate(zip(asked.categorical, kinds.categorical, strict=False)):
        if value is not None and value >= count:
            raise wrong(
                f"{field}.categorical.{place}",
                f"{value} was given, expected 0 to {count - 1}",
                value,
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
