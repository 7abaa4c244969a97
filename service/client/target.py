"""Target: where a body is written to, a path or an open file."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import IO


class Target:
    """A file that is opened, and what is there replaced, only when there is something to write."""

    def __init__(self, given: str | PathLike[str] | IO[bytes]) -> None:
        self._given = given

    @property
    def path(self) -> Path | None:
        """Its path, unless it is an open file."""
        return Path(self._given) if isinstance(self._given, str | PathLike) else None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if isinstance(self._given, str | PathLike):
            with Path(self._given).open("wb") as file:
                yield file
        else:
            yield self._given
