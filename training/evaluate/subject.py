"""Subject: a model under examination, with the images and the looks that its figures need."""

from dataclasses import dataclass

from models.checkpoint import Checkpoint
from models.errors import UserError
from training.evaluate.real import TEST_IMAGES, Images, Real, part
from training.evaluate.served import Indices, drawn_classes, seeds_from, served
from training.evaluate.view import Look, View


@dataclass(frozen=True, kw_only=True, eq=False)
class Sets:
    """Samples, as many training images, and test images: the parts that are compared."""

    seeds: Indices
    samples: Images
    train: Images
    test: Images


@dataclass(frozen=True, kw_only=True, eq=False)
class Looks:
    """What one view sees in each part."""

    samples: Look
    train: Look
    test: Look


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A model, the view that judges it, the real images, and the parts of both."""

    model: Checkpoint
    view: View
    real: Real
    sets: Sets


def gather(model: Checkpoint, view: View, real: Real, samples: int) -> Subject:
    """Draw the samples and choose the real images. Raises UserError where these do not fit."""
    check(model, view)
    seeds = seeds_from(0, samples)
    drawn = served(model.generator, seeds, drawn_classes(model.generator, seeds))
    sets = Sets(
        seeds=seeds,
        samples=Images(pixels=drawn),
        train=part(real.train, samples),
        test=part(real.test, TEST_IMAGES),
    )
    return Subject(model=model, view=view, real=real, sets=sets)


def look(view: View, sets: Sets) -> Looks:
    """Look at each part once, for all figures."""
    return Looks(
        samples=view.look(sets.samples.pixels),
        train=view.look(sets.train.pixels),
        test=view.look(sets.test.pixels),
    )


def check(model: Checkpoint, view: View) -> None:
    """Raise UserError unless the view can look at the model's images and name its classes."""
    image = model.card.image
    made = (image.channels, image.height, image.width)
    if view.shape not in (None, made):
        raise UserError(
            f"{model.card.name} makes images {made}, {view.about} takes {view.shape}: "
            "judge with the classifier of the model's data, which `ganforge classifier` trains, "
            f"with --size {image.height} --channels {image.channels}"
        )
    asked = model.card.class_names
    if model.card.conditional and view.class_names not in ((), asked):
        raise UserError(
            f"{model.card.name} makes the classes {', '.join(asked)}, {view.about} "
            f"knows {', '.join(view.class_names)}: judge with the classifier of the model's data"
        )
