"""Classes: from what a request calls a class to its index, with the model's own names."""

import re
from difflib import get_close_matches

from models import latents
from models.latents import Seeds
from service.catalog import Entry
from service.errors import wrong

INDEX = re.compile("0|[1-9][0-9]{0,17}")
"""An index has one way to be written, as a seed has: each image has one address."""


def index(entry: Entry, asked: int | str, field: str = "class") -> int:
    """Find a class by index or name. Raises InvalidRequestError, which says what there is.

    `field` is where the request asks for it.
    """
    names = entry.card.class_names
    if not names:
        raise wrong(
            field,
            f"{asked!r:.100} was given, but {entry.name} is unconditional: leave class out, or "
            "choose a model whose class_names GET /models lists",
            asked,
        )
    if isinstance(asked, str):
        if asked in names:
            return names.index(asked)
        close = get_close_matches(asked, names, 1)
        hint = f" did you mean {close[0]!r}?" if close else ""
        raise wrong(
            field,
            f"{asked[:100]!r} is no class of {entry.name};{hint} expected {known(names)}",
            asked,
        )
    if not 0 <= asked < len(names):
        raise wrong(
            field,
            f"{asked!s:.100} is out of range for {entry.name}: expected {known(names)}",
            asked,
        )
    return asked


def drawn(entry: Entry, seeds: Seeds) -> Seeds | None:
    """Draw the class of each seed, (n,) to (n,); None where the model has none."""
    names = entry.card.class_names
    return latents.classes(seeds, len(names)) if names else None


def from_text(entry: Entry, asked: str, field: str = "class") -> int:
    """Find a class of a discriminator that is told one by its name or, where it is none, its index.

    Raises InvalidRequestError.
    """
    number = asked not in entry.card.class_names and INDEX.fullmatch(asked)
    return index(entry, int(asked) if number else asked, field)


def known(names: tuple[str, ...]) -> str:
    """Say which classes there are, briefly."""
    shown = ", ".join(repr(name) for name in names[:12])
    more = ", …" if len(names) > 12 else ""
    return f"an index from 0 to {len(names) - 1} or a name: {shown}{more}"
