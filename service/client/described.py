"""Described: what a discriminator says of an image, and a service of its models and itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from service.client.receipt import Answer, Timing


@dataclass(frozen=True, kw_only=True)
class Realness:
    """How real a discriminator finds an image; its kind says what the value is."""

    kind: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a discriminator says of an image; None is what it does not know."""

    model: str
    digest: str
    realness: Realness | None
    classes: Mapping[str, float] | None
    codes: Mapping[str, Any] | None
    timing: Timing

    @classmethod
    def of(cls, answer: Answer) -> Self:
        said = answer.json()
        return cls(
            model=said["model"],
            digest=said["digest"],
            realness=Realness(**said["realness"]) if "realness" in said else None,
            classes=said.get("classes"),
            codes=said.get("codes"),
            timing=Timing.read(answer.headers),
        )


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model that is served; the card is what its file says of it."""

    name: str
    digest: str
    precision: str
    batch_sizes: tuple[int, ...]
    card: Mapping[str, Any]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        return cls(
            name=said["model"],
            digest=said["digest"],
            precision=said["precision"],
            batch_sizes=tuple(said["batch_sizes"]),
            card=said["card"],
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that it can be asked for, by index."""
        return tuple(self.card["class_names"])

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        image = self.card["image"]
        return image["height"], image["width"], image["channels"]


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether requests are served; `refused` says of each file that is not why."""

    ready: bool
    models: Sequence[str]
    refused: Mapping[str, str]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        said = answer.json()
        return cls(ready=said["ready"], models=said["models"], refused=said["refused"])

    def __bool__(self) -> bool:
        return self.ready
