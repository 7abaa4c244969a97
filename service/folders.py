"""Folders: the checkpoints that lie where the service looks, and how they change.

A file is taken up when two looks in a row saw it the same: one that is still being copied grows. It
is then read whole and checked before anything is replaced.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from models.card import SUFFIX


class Stamp(NamedTuple):
    """What changes when a file does."""

    path: Path
    modified: int
    size: int
    inode: int


Stamps = Mapping[str, Stamp]
"""By the name under which a file's model is served."""


class Changes(NamedTuple):
    """What to take up, and what is gone."""

    new: Sequence[Stamp]
    gone: Sequence[str]


class Folders:
    """Some folders, of which a later one wins a name."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._seen: Stamps = {}
        self._taken: Stamps = {}

    def begin(self) -> Sequence[Stamp]:
        """List all files there are, in the order of their names."""
        self._seen = self._taken = self.look()
        return list(self._taken.values())

    def take(self, name: str, stamp: Stamp) -> None:
        """Note that a file was taken up, whoever asked for it."""
        self._taken = {**self._taken, name: stamp}

    def changes(self, *, at_once: bool = False) -> Changes:
        """Say what has changed, and lies still, since it was last taken up.

        `at_once` takes up what moves too: whoever asks for that says that the copy is done.
        """
        found = self.look()
        before = found if at_once else self._seen
        self._seen = found
        settled = {name: at for name, at in found.items() if before.get(name) == at}
        new = [at for name, at in settled.items() if self._taken.get(name) != at]
        gone = [name for name in self._taken if name not in found and name not in before]
        kept = {name: at for name, at in self._taken.items() if name not in gone}
        self._taken = {**kept, **settled}
        return Changes(new, gone)

    def look(self) -> Stamps:
        """Look at every file; a hidden name is one that is still being written."""
        paths = {path.stem: path for folder in self._folders for path in files(folder)}
        stamps = {name: stamp(path) for name, path in sorted(paths.items())}
        return {name: found for name, found in stamps.items() if found is not None}


def files(folder: Path) -> Iterable[Path]:
    """List the checkpoints of a folder."""
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ()
    return [path for path in found if not path.name.startswith(".")]


def stamp(path: Path) -> Stamp | None:
    """Look at a file; None where it has just gone, and no more than its path where it is none."""
    try:
        seen = path.stat()
    except OSError:  # a link to nothing or to itself, say: whoever opens it finds out
        return Stamp(path, 0, 0, 0) if os.path.lexists(path) else None
    return Stamp(path, seen.st_mtime_ns, seen.st_size, seen.st_ino)
