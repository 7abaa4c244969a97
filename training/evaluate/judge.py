"""Judge: what a classifier makes of a generator's images, exactly as they are served."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models import latents
from models.card import Metric
from models.checkpoint import Checkpoint
from models.errors import UserError
from models.pixels import quantise
from training.evaluate.classifier import predict
from training.evaluate.classifier_file import TrainedClassifier

BATCH = 500

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Figures for a card, and the share of each class in samples asked for without a class."""

    metrics: Mapping[str, Metric]
    shares: Mapping[str, float]


def measure(model: Checkpoint, judge: TrainedClassifier, samples: int) -> Judgement:
    """Judge the images of seeds 0 to samples - 1.

    `agreement`, of a conditional model alone: how often the class seen is the class asked for,
    the same number of images being asked of each. `least` and `most`: how often the rarest and
    the commonest class are seen among images that are asked for without a class.
    Raises UserError where model and classifier do not fit.
    """
    check(model, judge)
    seeds = np.arange(samples)
    drawn = latents.classes(seeds, len(model.card.class_names)) if model.card.conditional else None
    shares = class_shares(see(model, judge, seeds, drawn), len(judge.card.class_names))
    metrics = {
        "least": Metric(value=min(shares), protocol=share_protocol("least", model, judge, seeds)),
        "most": Metric(value=max(shares), protocol=share_protocol("most", model, judge, seeds)),
    }
    if model.card.conditional:
        asked = seeds % len(model.card.class_names)
        agreement = float((see(model, judge, seeds, asked) == asked).mean())
        metrics["agreement"] = Metric(value=agreement, protocol=agreement_protocol(judge, seeds))
    return Judgement(metrics=metrics, shares=dict(zip(judge.card.class_names, shares, strict=True)))


def check(model: Checkpoint, judge: TrainedClassifier) -> None:
    """Raise UserError unless the classifier can look at the model's images and name its classes."""
    image = model.card.image
    made, taken = (image.channels, image.height, image.width), judge.network.shape
    if made != taken:
        raise UserError(
            f"{model.card.name} makes images {made}, the {judge.card.dataset} classifier "
            f"takes {taken}: judge with the classifier of the model's data"
        )
    asked, known = model.card.class_names, judge.card.class_names
    if model.card.conditional and asked != known:
        raise UserError(
            f"{model.card.name} makes the classes {', '.join(asked)}, the {judge.card.dataset} "
            f"classifier knows {', '.join(known)}: judge with the classifier of the model's data"
        )


def see(
    model: Checkpoint, judge: TrainedClassifier, seeds: Indices, classes: Indices | None
) -> Indices:
    """Draw the images of these seeds and name what they show: (n,) to (n,)."""
    seen = []
    for start in range(0, len(seeds), BATCH):
        part = slice(start, start + BATCH)
        pixels = draw(model, seeds[part], None if classes is None else classes[part])
        seen.append(predict(judge.network, pixels).numpy())
    return np.concatenate(seen)


@torch.inference_mode()
def draw(model: Checkpoint, seeds: Indices, classes: Indices | None) -> Tensor:
    """Make the images of these seeds as they are served: (n,) to (n, C, H, W) uint8."""
    z = torch.from_numpy(latents.normal(seeds, model.card.latent.dimension))
    condition = None if classes is None else model.generator.embed(torch.from_numpy(classes))
    return torch.from_numpy(quantise(model.generator(z, condition))).permute(0, 3, 1, 2)


def class_shares(seen: Indices, count: int) -> list[float]:
    """Return the share of each of `count` classes among those seen."""
    shares: list[float] = (np.bincount(seen, minlength=count) / len(seen)).tolist()
    return shares


def agreement_protocol(judge: TrainedClassifier, seeds: Indices) -> str:
    count = len(judge.card.class_names)
    return (
        f"share of {describe(seeds)}, class = seed modulo {count}, "
        f"that {introduce(judge)} takes for the class asked for"
    )


def share_protocol(which: str, model: Checkpoint, judge: TrainedClassifier, seeds: Indices) -> str:
    how = "class drawn from the seed" if model.card.conditional else "unconditional"
    even = 1 / len(judge.card.class_names)
    return (
        f"share of the class that {introduce(judge)} sees {which} often in "
        f"{describe(seeds)}, {how}; {even:.3g} is even"
    )


def describe(seeds: Indices) -> str:
    return f"{len(seeds)} samples of the seeds {seeds[0]} to {seeds[-1]}"


def introduce(judge: TrainedClassifier) -> str:
    """Name the classifier and how far it is to be believed."""
    card = judge.card
    return f"the {card.dataset} classifier ({card.accuracy:.2%} right on test images)"
