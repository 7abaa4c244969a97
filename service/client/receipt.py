"""Receipt: what the head of an answer says, and an answer as it came."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from service.client.pictures import opened

if TYPE_CHECKING:
    from PIL.Image import Image

SPENT = re.compile(r"\b(queue|compute|encode);dur=([0-9.]+)")

Headers = Mapping[str, str]


class Answer(NamedTuple):
    """An answer that is 2xx, or another that a call has a use for."""

    status: int
    headers: Headers
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Where the time went at the service, in seconds; NaN where an answer does not say."""

    queue: float = math.nan
    compute: float = math.nan
    encode: float = math.nan

    @classmethod
    def read(cls, headers: Headers) -> Self:
        """Read `Server-Timing`, but for what others have added."""
        said = headers.get("server-timing", "")
        return cls(**{name: float(dur) / 1000 for name, dur in SPENT.findall(said)})


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the head of an answer says: `seed` is that of the first image or keyframe."""

    media_type: str
    digest: str
    seed: int | None
    timing: Timing

    @classmethod
    def read(cls, headers: Headers) -> Self:
        return cls(**receipt(headers))


def receipt(headers: Headers) -> dict[str, Any]:
    """Read what every answer with images has in its head."""
    seeds = numbers(headers.get("x-seed"))
    return {
        "media_type": headers["content-type"].partition(";")[0],
        "digest": headers["x-model-digest"],
        "seed": seeds[0] if seeds else None,
        "timing": Timing.read(headers),
    }


def numbers(text: str | None) -> tuple[int, ...]:
    return tuple(map(int, text.split(","))) if text else ()


@dataclass(frozen=True, kw_only=True)
class File(Receipt):
    """An answer as it came, in the format that was asked for."""

    content: bytes

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(content=answer.content, **receipt(answer.headers))

    @cached_property
    def image(self) -> "Image":
        """The image that it is, or the first of an animation."""
        return opened(self.content)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write it, in the place of what is there."""
        path = Path(path)
        path.write_bytes(self.content)
        return path
