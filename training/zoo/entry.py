"""Entry: one model of the zoo, which is one run of one variant on one data set."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from training.data import title

SUFFIXES: Mapping[str, str] = MappingProxyType({"mnist": "", "fashion_mnist": "-fashion"})
"""What a model's name has behind its variant's, where that is not the data's own name."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A variant, a data set by name or path, and the seed that tells repetitions apart."""

    variant: str
    data: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Name the model, as it is published."""
        data = title(self.data)
        return f"{self.variant}{SUFFIXES.get(data, f'-{data}')}"

    @property
    def title(self) -> str:
        """Name the run, and its folder."""
        return f"{self.name}-s{self.seed}" if self.seed else self.name
