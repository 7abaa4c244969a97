"""One run: from a config to a checkpoint, in one folder that says everything about it."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from filelock import BaseFileLock
from pydantic import ValidationError
from torch import Tensor, nn

from models import checkpoint
from models import device as devices
from models.card import SUFFIX, Image, Latent, ModelCard, Network, Training
from models.networks import Discriminator
from training import snapshot, variants
from training.config import FILE, Config, ConfigError
from training.data import Batch, Batches, DataSet, load
from training.divergence import DivergedError, Watch
from training.hardware import choose_autocast, describe, keep_freed_memory
from training.hold import hold
from training.journal import Journal
from training.loop import Metrics, State, start, train
from training.samples import draw
from training.statistics import settled
from training.variant import HyperParameters, Task, Variant

LOG_EVERY = 50
SETTLING = 100

Saved = Callable[["Run"], None]
"""Told after each snapshot, when the run is between two steps."""

Progress = Callable[[float, Mapping[str, float]], None]
"""Told how far the run is, from 0 to 1, and the latest terms."""


class Interrupted(KeyboardInterrupt):
    """The user stopped the run; it was saved first."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """The files of one run."""

    path: Path

    @property
    def snapshot(self) -> Path:
        return self.path / "run.safetensors"

    @property
    def lock(self) -> Path:
        return self.path / "run.lock"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def curves(self) -> Path:
        return self.path / "losses.png"

    def sample(self, step: int) -> Path:
        return self.path / "samples" / f"{step:07d}.png"

    def checkpoint(self, name: str) -> Path:
        return self.path / f"{name}{SUFFIX}"


@dataclass(kw_only=True)
class Run:
    """A run in progress. Its folder is held for as long as it is there, or until it is executed."""

    config: Config
    name: str
    folder: Folder
    lock: BaseFileLock
    data: DataSet
    device: torch.device
    state: State
    batches: Batches
    journal: Journal
    watch: Watch = field(default_factory=Watch)

    @property
    def images(self) -> int:
        """How many real images the whole run takes in."""
        config = self.config
        steps = config.steps and config.steps * self.state.variant.critic_steps(config.steps)
        return round((steps or config.epochs * self.batches.per_epoch) * config.batch)

    @property
    def done(self) -> float:
        """How much of what was asked for is trained, 0 to 1."""
        if self.config.steps:
            return self.state.step / self.config.steps
        return self.state.batch / (self.config.epochs * self.batches.per_epoch)


def prepare(config: Config, path: Path, name: str, *, resume: bool) -> Run:
    """Build everything that a run needs, at its first step or where it stopped.

    Raises ConfigError, DataError or CheckpointError; a folder with another run, or that another
    process is at, is never touched.
    """
    check_place(config, path, resume=resume)  # before the lock, which would make the folder
    folder = Folder(path=path)
    keep_freed_memory()
    device = devices.choose(config.device)
    data = load(config.data, size=config.size, channels=config.channels, root=config.data_root)
    torch.manual_seed(config.seed)
    variant = build(config, data).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = Batches(data, config.batch, config.seed, device, variant.labelled)
    state = start(variant, config.ema)
    lock = hold(folder.lock)
    try:
        check_place(config, path, resume=resume)  # another process may just have begun or ended
        journal = take_up(folder, state, resume=resume)
        config.save(path)
    except BaseException:
        lock.release(force=True)
        raise
    return Run(
        config=config,
        name=name,
        folder=folder,
        lock=lock,
        data=data,
        device=device,
        state=state,
        batches=batches,
        journal=journal,
    )


def check_place(config: Config, path: Path, *, resume: bool) -> None:
    """Raise ConfigError unless this run may be in that folder."""
    if resume:
        config.check_resumes(path)
    elif (path / FILE).exists():
        raise ConfigError(f"{path} already holds a run: give --resume, or another --out")


def take_up(folder: Folder, state: State, *, resume: bool) -> Journal:
    """Bring a fresh state to the last snapshot, if there is one, and the journal with it."""
    if resume and folder.snapshot.exists():
        snapshot.restore(folder.snapshot, state)
    return Journal(folder.metrics, state.step)


def build(config: Config, data: DataSet) -> Variant:
    """Make the variant for this data. Raises ConfigError for a hyper-parameter it lacks."""
    task = Task(channels=data.channels, size=data.size, classes=data.classes)
    return variants.find(config.variant)(task, hyper(config.variant, config.hyper))


def hyper(variant: str, given: Mapping[str, Any]) -> HyperParameters:
    """Complete what is given by what the variant says. Raises ConfigError for what it lacks."""
    kind = variants.find(variant)
    try:
        return kind.Hyper(**given)
    except ValidationError as error:
        wrong = "; ".join(
            f"{e['loc'][0]}: {e['msg']} (found {e['input']!r})" for e in error.errors()
        )
        known = "\n".join(
            f"  {name} = {field.default}: {field.description}"
            for name, field in kind.Hyper.model_fields.items()
        )
        raise ConfigError(f"{variant} cannot take {wrong}; it knows\n{known}") from error


def execute(run: Run, progress: Progress, saved: Saved = lambda run: None) -> Path:
    """Train to the end, let go of the folder and return the checkpoint.

    Raises Interrupted or DivergedError.
    """
    try:
        go_on(run, progress, saved)
        return finish(run)
    finally:
        run.lock.release(force=True)


def go_on(run: Run, progress: Progress, saved: Saved) -> None:
    """Train what is left. Raises Interrupted or DivergedError."""
    before = run.journal.seconds
    began = time.monotonic()
    with stop_signals() as stopped:
        if run.done < 1:
            for metrics in train(run.state, run.batches, autocast(run)):
                run.watch.look(metrics, run.state.step)
                seconds = before + time.monotonic() - began
                if run.state.step % LOG_EVERY == 0 or run.done >= 1:
                    log(run, metrics, seconds, progress)
                if run.state.step % run.config.save_every == 0 and run.done < 1:
                    save(run, saved)
                if run.done >= 1 or stopped():
                    break
            save(run, saved)
        run.journal.plot(run.folder.curves)
        if run.done < 1:
            raise Interrupted(f"stopped and saved at step {run.state.step}: --resume goes on")


def autocast(run: Run) -> torch.autocast:
    return choose_autocast(run.config.precision, run.device)


def log(run: Run, metrics: Metrics, seconds: float, progress: Progress) -> None:
    """Write one line of the journal: the only place where a step's values leave the device."""
    check(run)
    terms = {name: value.item() for name, value in metrics.items()}
    step = run.state.step
    run.journal.add({"step": step, "batch": run.state.batch, "seconds": seconds, **terms})
    progress(run.done, terms)


def check(run: Run) -> None:
    """Raise DivergedError, which says what is left, unless all terms and weights are numbers."""
    try:
        run.watch.check(run.state)
    except DivergedError as error:
        snapshot, file = run.folder.snapshot, "nothing had been saved"
        if snapshot.exists():
            file = f"the last good state is in {snapshot}, which --resume with --steps finishes"
        raise DivergedError(f"{error}; {file}; try a smaller learning_rate with --set") from error


def save(run: Run, saved: Saved) -> None:
    """Keep the run as it is now, unless it has diverged, and a picture of it."""
    check(run)
    snapshot.save(run.folder.snapshot, run.state)
    draw(run.state.average.generator, run.folder.sample(run.state.step))
    saved(run)


@contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or SIGTERM into a request to stop between two steps."""
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        if len(caught) > 1:
            raise KeyboardInterrupt

    old = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def finish(run: Run) -> Path:
    """Write the checkpoint: the averaged generator, the discriminator and the card."""
    path = run.folder.checkpoint(run.name)
    checkpoint.save(path, card(run), run.state.average.generator, discriminator(run))
    return path


def discriminator(run: Run) -> Discriminator:
    """Return the discriminator as it is used: its batch statistics are those of real images."""
    first = run.state.batch
    passes = (partial(show, run.batches[first + index]) for index in range(SETTLING))
    return settled(run.state.variant.discriminator, passes)


def show(batch: Batch, network: nn.Module) -> Tensor:
    """Let a network see real images."""
    return network(batch.images, batch.labels)


def card(run: Run) -> ModelCard:
    """Say everything about the trained model that a reader needs."""
    variant, data = run.state.variant, run.data
    arguments = variant.discriminator_arguments()
    return ModelCard(
        name=run.name,
        variant=run.config.variant,
        dataset=data.name,
        class_names=data.class_names if variant.conditional else (),
        head_names=head_names(run),
        generator=Network(
            network=variant.generator_network, arguments=variant.generator_arguments()
        ),
        discriminator=Network(network=variant.discriminator_network, arguments=arguments),
        latent=Latent(dimension=variant.generator.latent),
        codes=variant.codes,
        image=Image.model_validate(
            {"channels": data.channels, "height": data.size, "width": data.size}
        ),
        heads=tuple(arguments["heads"]),
        verdict=variant.verdict,
        training=Training(
            steps=run.state.step,
            images=run.state.batch * run.config.batch,
            seconds=round(run.journal.seconds, 1),
            device=describe(run.device),
            seed=run.config.seed,
            hyper_parameters=hyper_parameters(run),
            versions={"python": sys.version.split()[0], "torch": version("torch")},
            data_digest=data.digest,
        ),
    )


def head_names(run: Run) -> tuple[str, ...]:
    """Name what a `classes` head tells apart: the data's classes, or without labels clusters."""
    variant = run.state.variant
    count = variant.discriminator_arguments()["heads"].get("classes", 0)
    if count == run.data.classes and (variant.conditional or variant.labelled):
        return run.data.class_names
    return tuple(f"cluster {index}" for index in range(count))


def hyper_parameters(run: Run) -> dict[str, Any]:
    """List all that shaped the weights, defaults included."""
    return {
        **run.state.variant.hyper.model_dump(),
        "batch": run.config.batch,
        "ema": run.config.ema,
        "precision": "bf16" if autocast(run)._enabled else "fp32",
    }
