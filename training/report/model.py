"""Model: what a run's folder says about one model of the zoo."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models import checkpoint
from models.card import ModelCard
from models.checkpoint import Checkpoint
from training import journal
from training.config import FILE, Config, ConfigError
from training.evaluate.judge import Judgement
from training.journal import Line
from training.run import Folder
from training.zoo import best, evaluations, failure
from training.zoo.entry import Entry
from training.zoo.work import last

Lines = Sequence[Line]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Weights:
    """One file of a run, and the figures that were measured of exactly this file."""

    path: Path

    @cached_property
    def model(self) -> Checkpoint:
        return checkpoint.load(self.path)

    @cached_property
    def judgement(self) -> Judgement | None:
        return evaluations.find(self.path)

    @property
    def card(self) -> ModelCard:
        return self.model.card

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.path.stat().st_size


@dataclass(frozen=True, kw_only=True)
class Model:
    """One run: what it was to be, the files that it left, and what went wrong, if anything did."""

    entry: Entry
    folder: Path
    config: Config | None = None
    last: Weights | None = None
    best: Weights | None = None
    failure: str | None = None

    @cached_property
    def journal(self) -> Lines:
        """Read the whole lines of the run's metrics, and leave the file as it is.

        There are none where the file is damaged, which is told: the rest can be shown.
        """
        try:
            return list(journal.read(Folder(path=self.folder).metrics))
        except ConfigError as error:
            logger.warning("left out: %s", error)
            return []

    @property
    def shown(self) -> Weights | None:
        """The weights that pictures are made with."""
        return self.best or self.last


def read(out: Path) -> list[Model]:
    """Read every run of the zoo, by data set, variant and seed."""
    found = [model for folder in sorted(out.iterdir()) for model in one(folder)]
    order = {data: place for place, data in enumerate(started(found))}
    return sorted(found, key=lambda m: (order[m.entry.data], m.entry.variant, m.entry.seed))


def one(folder: Path) -> Iterator[Model]:
    """Read one run's folder; nothing where it is none.

    A run whose config is damaged has no figures: which it is, a failure alone may still say.
    """
    failed = failure.find(folder)
    try:
        config = Config.read(folder) if (folder / FILE).exists() else None
    except ConfigError as error:
        if failed is None:
            logger.warning("left out: %s", error)
        else:
            yield Model(entry=failed.entry, folder=folder, failure=str(error))
        return
    if failed is not None:
        yield collect(failed.entry, folder, config, failed.reason)
    elif config is not None:
        yield collect(
            Entry(variant=config.variant, data=config.data, seed=config.seed), folder, config, None
        )


def collect(entry: Entry, folder: Path, config: Config | None, reason: str | None) -> Model:
    """Gather the files that there are."""
    mine, chosen = last(folder, entry), folder / best.FILE
    whole = mine.is_file()
    return Model(
        entry=entry,
        folder=folder,
        config=config,
        last=Weights(mine) if whole else None,
        best=Weights(chosen) if chosen.is_file() else None,
        failure=reason or (None if whole else "not finished yet"),
    )


def started(models: list[Model]) -> list[str]:
    """List the data sets, those with most models first."""
    names = [model.entry.data for model in models]
    return sorted(set(names), key=lambda data: (-names.count(data), data))
