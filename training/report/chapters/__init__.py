"""One file a kind of picture, each with one Chapter called CHAPTER; no other file lists them."""

import pkgutil
from importlib import import_module

from training.report.chapter import Chapter


def chapters() -> list[Chapter]:
    """Import the files of this folder, and return their chapters in the order of the page."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = [import_module(f"{__name__}.{name}").CHAPTER for name in names]
    return sorted(found, key=lambda chapter: chapter.place)
