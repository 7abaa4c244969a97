"""Work: one model of the zoo, from nothing or where it stopped, to its figures."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
import typer

from models import device as devices
from training import run
from training.config import FILE, Config, ConfigError
from training.evaluate.inception import InceptionError, inception
from training.evaluate.reference import Reference
from training.evaluate.view import View
from training.run import Run
from training.zoo import best, evaluations, failure, judges
from training.zoo.best import Best, Distances
from training.zoo.entry import Entry
from training.zoo.order import Order

LATER = 1_000_003  # a step that is neither at the start nor a round number


def make(entry: Entry, order: Order) -> None:
    """Train, keep the best, and evaluate best and last."""
    device = devices.choose(order.device)
    view = judges.view(order.out, entry.data, device)
    train(entry, order, view)
    views = [view, *(published(device) if order.inception else [])]
    for path in checkpoints(order.folder(entry), entry):
        evaluations.evaluate(path, entry.data, order.data_root, views)
    failure.forget(order.folder(entry))


def train(entry: Entry, order: Order, view: View) -> None:
    """Train to the end."""
    work = prepare(entry, order)
    keep = Best(reference=Reference.of(work.data, work.device, view), told=tell)
    if work.state.step:
        keep(work)  # the kill that stopped the run may have come before this was done
    run.execute(work, lambda done, terms: None, keep)


def prepare(entry: Entry, order: Order) -> Run:
    """Take up a run, with a snapshot an epoch."""
    config, folder = order.config(entry), order.folder(entry)
    work = run.prepare(config, folder, entry.title, resume=(folder / FILE).exists())
    steps = work.batches.per_epoch / work.state.variant.critic_steps(LATER)
    work.config = config.model_copy(update={"save_every": max(1, round(steps))})
    work.config.save(folder)
    return work


def tell(work: Run, seen: Distances) -> None:
    """Say how far a run is, in one line, for there may be others beside it."""
    done = work.done * work.config.epochs
    typer.echo(
        f"{work.name}: epoch {done:.3g} of {work.config.epochs:g}, "
        f"distance {seen[work.state.step]:.2f}, best {min(seen.values()):.2f}"
    )


def published(device: torch.device) -> Sequence[View]:
    """Return the view of published figures, where it is there."""
    try:
        return [inception(device)]
    except InceptionError:
        return []


def checkpoints(folder: Path, entry: Entry) -> Iterator[Path]:
    """List the files of a run that are there: the last, and the best."""
    for path in (last(folder, entry), folder / best.FILE):
        if path.is_file():
            yield path


def last(folder: Path, entry: Entry) -> Path:
    """Say where the run's own checkpoint is."""
    return run.Folder(path=folder).checkpoint(entry.title)


def finished(entry: Entry, order: Order) -> bool:
    """Say whether all has been done for exactly this order."""
    folder = order.folder(entry)
    if failure.find(folder) or not last(folder, entry).is_file():
        return False
    try:
        kept = Config.read(folder)
    except ConfigError:  # to take the run up says what is wrong with it
        return False
    free = {"data_root", "save_every"}
    if kept.model_dump(exclude=free) != order.config(entry).model_dump(exclude=free):
        return False
    return all(evaluations.find(path) for path in checkpoints(folder, entry))
