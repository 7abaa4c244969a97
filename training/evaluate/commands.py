"""`ganforge evaluate` and `ganforge classifier`."""

from pathlib import Path
from typing import Annotated

import typer

from models import checkpoint
from models import device as devices
from models.checkpoint import Checkpoint
from training.data import load
from training.evaluate import classifier_file
from training.evaluate.augmentation import Augmentation
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.fit import train_classifier
from training.evaluate.judge import Judgement, measure

Option = typer.Option


def evaluate(
    path: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A model's file.")],
    data: Annotated[
        str | None, Option(help="Judge with this data's classifier. [the model's own data]")
    ] = None,
    judge: Annotated[
        Path | None, Option("--classifier", help="Judge with the classifier in this file.")
    ] = None,
    samples: Annotated[int, Option(min=1, help="How many images to judge.")] = 10_000,
    record: Annotated[bool, Option("--record", help="Write the figures into the file.")] = False,
) -> None:
    """Measure how good the images of a trained model are."""
    model = checkpoint.load(path)
    trained = (
        classifier_file.load(judge)
        if judge is not None
        else classifier_file.bundled(data or model.card.dataset)
    )
    judgement = measure(model, trained, samples)
    typer.echo(table(judgement))
    if record:
        digest = record_metrics(path, model, judgement)
        typer.echo(f"recorded in {path}, whose sha256 is now {digest}")


def record_metrics(path: Path, model: Checkpoint, judgement: Judgement) -> str:
    """Write the figures into the model's card, keep all else, and return the file's new digest."""
    metrics = {**model.card.metrics, **judgement.metrics}
    card = model.card.model_copy(update={"metrics": metrics})
    return checkpoint.save(path, card, model.generator, model.discriminator)


def table(judgement: Judgement) -> str:
    """Lay out the figures, how each was measured, and the share of each class."""
    metrics = [f"{k:10} {v.value:.4f}  {v.protocol}" for k, v in judgement.metrics.items()]
    width = max(map(len, judgement.shares))
    shares = [f"  {name:{width}}  {share:.4f}" for name, share in judgement.shares.items()]
    return "\n".join([*metrics, "share of each class seen", *shares])


def classifier(
    data: Annotated[str, Option(help="A built-in name (digits, mnist, …) or a folder of images.")],
    epochs: Annotated[int, Option(min=1, help="Passes over the data.")],
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
    trained = train_classifier(
        load(data, root=data_root),
        load(data, split="test", root=data_root),
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
