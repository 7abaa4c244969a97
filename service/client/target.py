"""Target: where a body is written to, a path or an open file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import IO, get_args

from service.client.asked import Format

ENDINGS: Mapping[str, Format] = MappingProxyType(
    {**{name: name for name in get_args(Format) if name != "grid"}, "jpg": "jpeg"}
)
"""Of a file's name, and the format that it says."""


class Target:
    """A file that is opened, and what is there replaced, only when there is something to write."""

    def __init__(self, given: str | PathLike[str] | IO[bytes]) -> None:
        self._given = given

    @property
    def format(self) -> Format | None:
        """Name the format of a path's ending. Raises ValueError for one that is none's."""
        name = Path(self._given).name if isinstance(self._given, str | PathLike) else ""
        ending = Path(name).suffix[1:].lower()
        if ending and ending not in ENDINGS:
            raise ValueError(
                f"{name}: .{ending} is the ending of no format: expected one of "
                f"{', '.join(ENDINGS)}, or give the format"
            )
        return ENDINGS[ending] if ending else None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if isinstance(self._given, str | PathLike):
            with Path(self._given).open("wb") as file:
                yield file
        else:
            yield self._given
