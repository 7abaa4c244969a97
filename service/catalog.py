"""Catalog: which models are served. A file that cannot be is refused with its reason, not fatal."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

from models.card import SUFFIX, ModelCard
from models.errors import UserError
from service.engine.orders import Model
from service.errors import UnknownModelError

log = logging.getLogger(__name__)

Load = Callable[[Path], Model]
"""Puts a checkpoint on the device, or raises UserError."""


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


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The models that serve, and why the other files do not."""

    entries: Mapping[str, Entry]
    refused: Mapping[str, str]

    @classmethod
    def read(cls, folders: Iterable[Path], load: Load) -> Self:
        """Load every checkpoint of the folders; a later folder wins a name."""
        paths = {path.stem: path for folder in folders for path in sorted(files(folder))}
        entries: dict[str, Entry] = {}
        refused: dict[str, str] = {}
        for name, path in sorted(paths.items()):
            try:
                if not path.is_file():  # to open a pipe would wait for ever
                    raise UserError(f"{path}: not a regular file")
                entries[name] = Entry(name=name, model=load(path))
            except UserError as error:
                refused[path.name] = str(error)
                log.error("refused %s", error)
        return cls(entries=MappingProxyType(entries), refused=MappingProxyType(refused))

    def find(self, name: str) -> Entry:
        """Find a model. Raises UnknownModelError, which names those that there are."""
        try:
            return self.entries[name]
        except KeyError:
            raise UnknownModelError(name, self.entries) from None


def files(folder: Path) -> Iterable[Path]:
    """List the checkpoints of a folder; a hidden name is a file that is still being written."""
    found = folder.glob(f"*{SUFFIX}") if folder.is_dir() else ()
    return [path for path in found if not path.name.startswith(".")]
