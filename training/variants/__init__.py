"""One file a paper. The file's name is the variant's name, and no other file lists them."""

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from inspect import isabstract

from models.errors import UserError
from training.variant import Variant


def names() -> tuple[str, ...]:
    """List the variants: the files of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find(name: str) -> type[Variant]:
    """Import the variant of this name. Raises UserError when there is no such file."""
    if name not in names():
        close = get_close_matches(name, names(), 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UserError(f"variant {name!r} is unknown: {hint}expected one of {', '.join(names())}")
    module = import_module(f"{__name__}.{name}")
    own = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Variant)
        and thing.__module__ == module.__name__
        and not isabstract(thing)
    ]
    if len(own) != 1:
        raise TypeError(f"{module.__name__} must define one Variant, it defines {len(own)}")
    return own[0]
