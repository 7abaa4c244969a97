"""Order: what the user asked of the whole zoo, and the config that it gives each of its models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training import variants
from training.config import Config, configure
from training.zoo.entry import Entry

EVERYONE = ""

Settings = Mapping[str, Mapping[str, Any]]
"""Hyper-parameters by variant; those of EVERYONE are each one's."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Where the runs go, and what they have in common."""

    out: Path
    epochs: float | None = None
    device: str = "auto"
    data_root: Path | None = None
    settings: Settings = field(default_factory=dict)
    inception: bool = True
    jobs: int = 1

    def folder(self, entry: Entry) -> Path:
        """Say where the run of an entry is."""
        return self.out / entry.title

    def config(self, entry: Entry) -> Config:
        """Decide what an entry's run computes: what the variant says, but for what was asked.

        Raises ConfigError for what no run can be asked for.
        """
        kind = variants.find(entry.variant)
        mine = self.settings.get(entry.variant, {})
        return configure(
            variant=entry.variant,
            data=entry.data,
            data_root=self.data_root,
            epochs=kind.epochs if self.epochs is None else self.epochs,
            batch=kind.batch,
            seed=entry.seed,
            device=self.device,
            hyper={**self.settings.get(EVERYONE, {}), **mine},
        )
