"""Catalog: which models are served. A file that cannot be is refused with its reason, not fatal."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from models.card import SUFFIX, ModelCard
from service.engine.orders import Model
from service.errors import UnknownModelError

log = logging.getLogger(__name__)

T = TypeVar("T")

ENOUGH = 12
"""So many digits of a digest name weights: what is shown where a whole one is too long."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A model under the name that requests use: its file's stem."""

    name: str
    model: Model

    @property
    def card(self) -> ModelCard:
        """What its file says of it."""
        return self.model.card

    @property
    def digest(self) -> str:
        """The sha256 of its file."""
        return self.model.digest

    def has(self, weights: str) -> bool:
        """Say whether these are its weights: their digest, or enough of its first digits."""
        return len(weights) >= ENOUGH and self.digest.startswith(weights)


@dataclass(kw_only=True)
class Catalog:
    """The models that serve by name, and by file why others do not; both are in order."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str) -> Entry:
        """Find a model. Raises UnknownModelError, which names those that there are."""
        try:
            return self.entries[name]
        except KeyError:
            raise UnknownModelError(name, self.entries) from None

    def put(self, entry: Entry, path: Path) -> None:
        """Serve a model from now on, in the place of another of its name."""
        self.entries = dict(sorted({**self.entries, entry.name: entry}.items()))
        self.refused = without(self.refused, legible(path.name))

    def refuse(self, path: Path, reason: str) -> None:
        """Say why a file is not served; what had its name before still is."""
        reason = legible(reason)
        log.error("refused %s", reason)
        self.refused = dict(sorted({**self.refused, legible(path.name): reason}.items()))

    def drop(self, name: str) -> None:
        """Serve a name no longer."""
        self.entries = without(self.entries, name)
        self.refused = without(self.refused, legible(f"{name}{SUFFIX}"))


def legible(text: str) -> str:
    """Write text that holds a file's name so that it can be sent, though the name be no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def without(table: Mapping[str, T], key: str) -> Mapping[str, T]:
    """Leave one key out."""
    return {name: value for name, value in table.items() if name != key}
