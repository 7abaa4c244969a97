"""`ganforge evaluate` and `ganforge classifier`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from models import checkpoint
from models import device as devices
from models.checkpoint import Checkpoint
from training.augmentation import Augmentation
from training.data import load
from training.evaluate import classifier_file
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.evaluation import evaluate_all
from training.evaluate.fit import train_classifier
from training.evaluate.inception import InceptionError, inception
from training.evaluate.judge import Judgement
from training.evaluate.protocols import Protocol, bundled_view, protocol
from training.evaluate.real import SMALLEST, Real, load_real
from training.evaluate.subject import check, gather
from training.evaluate.table import as_json, table
from training.evaluate.view import View

Option = typer.Option


def evaluate(
    path: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A model's file.")],
    data: Annotated[
        str | None, Option(help="Compare with this data, a name or a folder. [the model's own]")
    ] = None,
    judge: Annotated[
        Path | None, Option("--classifier", help="Judge with the classifier in this file.")
    ] = None,
    samples: Annotated[int, Option(min=SMALLEST, help="How many images to judge.")] = 10_000,
    record: Annotated[bool, Option("--record", help="Write the figures into the file.")] = False,
    json_: Annotated[bool, Option("--json", help="Print JSON instead of a table.")] = False,
    published: Annotated[
        bool,
        Option(
            "--inception/--no-inception",
            help="Use Inception too, where its weights are: hours on a CPU.",
        ),
    ] = True,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1.")] = "auto",
    data_root: Annotated[Path | None, Option(help="Where data sets are kept.")] = None,
) -> None:
    """Measure how good the images of a trained model are, and beside it what real images reach."""
    model = checkpoint.load(path)
    source = data or model.card.dataset
    place, how = devices.choose(device), protocol(source)
    real = load_real(source, model.card.image, data_root)
    view = choose_view(source, judge, how, place)
    check(model, view)
    others = published_views(place) if published else []
    tell_of_other_data(model, real)
    judgement = evaluate_all(gather(moved(model, place), view, real, samples), how, others)
    typer.echo(as_json(model.card, model.digest, judgement) if json_ else table(judgement))
    if record:
        digest = record_metrics(path, judgement)
        note(f"recorded in {path}, whose sha256 is now {digest}")


def choose_view(source: str, judge: Path | None, how: Protocol, device: torch.device) -> View:
    """View images with the classifier of a file, or with the bundled one of the data."""
    if judge is None:
        return bundled_view(source, device)
    return how.view(classifier_file.load(judge), device)


def published_views(device: torch.device) -> list[View]:
    """Return the view that published figures are measured by, or say why it is not there."""
    try:
        return [inception(device)]
    except InceptionError as missing:
        note(f"note: {missing}")
        return []


def tell_of_other_data(model: Checkpoint, real: Real) -> None:
    """Say so where the model learnt from other images than those that it is held against."""
    learnt, found = model.card.training.data_digest, real.train.digest
    if learnt != found:
        note(
            f"note: {model.card.name} learnt from data with the digest {learnt[:12]}, these "
            f"training images have {found[:12]}: `copied` and `nearer` are about these"
        )


def note(text: str) -> None:
    """Tell a person, and not the program that reads the figures."""
    typer.echo(text, err=True)


def moved(model: Checkpoint, device: torch.device) -> Checkpoint:
    """Put the networks on a device."""
    for network in (model.generator, model.discriminator):
        if network is not None:
            network.to(device)
    return model


def record_metrics(path: Path, judgement: Judgement) -> str:
    """Write the figures into the model's card, keep all else, and return the file's new digest."""
    model = checkpoint.load(path)
    metrics = {**model.card.metrics, **judgement.metrics}
    card = model.card.model_copy(update={"metrics": metrics})
    return checkpoint.save(path, card, model.generator, model.discriminator)


def classifier(
    data: Annotated[str, Option(help="A built-in name (digits, mnist, …) or a folder of images.")],
    epochs: Annotated[int, Option(min=1, help="Passes over the data.")],
    size: Annotated[
        int | None, Option(help="Side to resize to. [the data's; a folder's: 64]")
    ] = None,
    channels: Annotated[int | None, Option(help="1 grey, 3 colour. [the data's]")] = None,
    shift: Annotated[int, Option(min=0, help="Pixels that an image moves at most.")] = 2,
    rotate: Annotated[float, Option(min=0, max=180, help="Degrees it turns at most.")] = 10,
    flip: Annotated[bool, Option("--flip", help="Mirror half of the images.")] = False,
    seed: Annotated[int, Option(min=0, help="Decides weights, order and moves.")] = 0,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1.")] = "auto",
    out: Annotated[
        Path | None, Option(help="File to write. [among the bundled classifiers]")
    ] = None,
    data_root: Annotated[Path | None, Option(help="Where data sets are kept.")] = None,
) -> None:
    """Train the classifier that `evaluate` judges with, and measure it on the test images."""
    images = partial(load, data, size=size, channels=channels, root=data_root)
    trained = train_classifier(
        images(),
        images(split="test"),
        epochs=epochs,
        seed=seed,
        device=devices.choose(device),
        augmentation=Augmentation(shift=shift, degrees=rotate, flip=flip),
        report=lambda epoch, loss: typer.echo(f"epoch {epoch} of {epochs}: loss {loss:.4f}"),
    )
    target = out or classifier_file.default_path(trained.card.dataset)
    classifier_file.save(target, trained)
    typer.echo(summary(trained, target))


def summary(trained: TrainedClassifier, path: Path) -> str:
    card = trained.card
    return f"{card.accuracy:.2%} right on the test images of {card.dataset}, wrote {path}"
