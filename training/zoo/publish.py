"""Publish: of each model, the best file with its figures on its card, where the service looks."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from models import checkpoint
from models.card import SUFFIX
from training.zoo import best, evaluations
from training.zoo.entry import Entry
from training.zoo.order import Order
from training.zoo.work import finished, last


def publish(entries: Iterable[Entry], order: Order, folder: Path) -> Iterator[Path]:
    """Write one file, that of the best seed, for each model that is finished."""
    done = sorted((e for e in entries if finished(e, order)), key=lambda entry: entry.name)
    for name, seeds in groupby(done, lambda entry: entry.name):
        source = file(min(seeds, key=lambda entry: distance(order.folder(entry))), order)
        yield put(source, name, folder)


def distance(folder: Path) -> float:
    """Return the distance of a run's best snapshot."""
    return min(best.read(folder).values(), default=float("inf"))


def file(entry: Entry, order: Order) -> Path:
    """Say which file of a run is published."""
    folder = order.folder(entry)
    chosen = folder / best.FILE
    return chosen if chosen.is_file() else last(folder, entry)


def put(source: Path, name: str, folder: Path) -> Path:
    """Copy a model under the name that it is served by, and with its figures."""
    model, judgement = checkpoint.load(source), evaluations.find(source)
    metrics = {} if judgement is None else dict(judgement.metrics)
    card = model.card.model_copy(update={"name": name, "metrics": metrics})
    target = folder / f"{name}{SUFFIX}"
    checkpoint.save(target, card, model.generator, model.discriminator)
    return target
