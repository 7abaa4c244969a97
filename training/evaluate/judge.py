"""Judge: what a classifier makes of a generator's images, exactly as they are served."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from models import device as devices
from models.card import Metric
from models.checkpoint import Checkpoint
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.in_domain import in_domain
from training.evaluate.served import Indices, drawn_classes, seeds_from, served
from training.evaluate.subject import Looks, Subject, check
from training.evaluate.view import View


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Figures for a card, and the share of each class in samples asked for without a class."""

    metrics: Mapping[str, Metric]
    shares: Mapping[str, float]


def measure(model: Checkpoint, judge: TrainedClassifier, samples: int) -> Judgement:
    """Judge the images of seeds 0 to samples - 1, without any real image.

    `agreement`, of a conditional model alone: how often the class seen is the class asked for,
    the same number of images being asked of each. `least` and `most`: how often the rarest and
    the commonest class are seen among images that are asked for without a class.
    Raises UserError where model and classifier do not fit.
    """
    view = in_domain(judge, devices.choose("cpu"))
    check(model, view)
    seeds = seeds_from(0, samples)
    seen = see(model, view, seeds, drawn_classes(model.generator, seeds))
    return judged(model, view, seeds, seen)


def classes(subject: Subject, looks: Looks) -> Judgement:
    """Judge what was seen in the samples as `measure` does, with the floors of real images.

    The floor of `least` and `most` is what is seen in the test images, that of `agreement` how
    often the class seen in a test image is its label.
    """
    seen = looks.samples.classes().numpy()
    found = judged(subject.model, subject.view, subject.sets.seeds, seen)
    real = looks.test.classes()
    shares = class_shares(real.numpy(), len(subject.view.class_names))
    same = subject.real.test.class_names == subject.view.class_names
    labels = subject.sets.test.labels if same else None
    floors = {"least": min(shares), "most": max(shares), "agreement": agreeing(real, labels)}
    metrics = {k: v.model_copy(update={"floor": floors[k]}) for k, v in found.metrics.items()}
    return Judgement(metrics=metrics, shares=found.shares)


def judged(model: Checkpoint, view: View, seeds: Indices, seen: Indices) -> Judgement:
    """Judge the classes seen in the images of these seeds, asked for without a class."""
    shares = class_shares(seen, len(view.class_names))
    metrics = {
        "least": Metric(value=min(shares), protocol=share_protocol("least", model, view, seeds)),
        "most": Metric(value=max(shares), protocol=share_protocol("most", model, view, seeds)),
    }
    if model.card.conditional:
        asked = seeds % len(model.card.class_names)
        agreement = float((see(model, view, seeds, asked) == asked).mean())
        metrics["agreement"] = Metric(value=agreement, protocol=agreement_protocol(view, seeds))
    return Judgement(metrics=metrics, shares=dict(zip(view.class_names, shares, strict=True)))


def see(model: Checkpoint, view: View, seeds: Indices, classes: Indices | None) -> Indices:
    """Draw the images of these seeds and name what they show: (n,) to (n,)."""
    seen: Indices = view.look(served(model.generator, seeds, classes)).classes().numpy()
    return seen


def class_shares(seen: Indices, count: int) -> list[float]:
    """Return the share of each of `count` classes among those seen."""
    shares: list[float] = (np.bincount(seen, minlength=count) / len(seen)).tolist()
    return shares


def agreeing(seen: Tensor, labels: Tensor | None) -> float | None:
    """Return the share of images whose class seen is their label; None without labels."""
    return None if labels is None else int((seen == labels).sum()) / len(labels)


def agreement_protocol(view: View, seeds: Indices) -> str:
    count = len(view.class_names)
    return (
        f"share of {describe(seeds)}, class = seed modulo {count}, "
        f"that {view.about} takes for the class asked for"
    )


def share_protocol(which: str, model: Checkpoint, view: View, seeds: Indices) -> str:
    how = "class drawn from the seed" if model.card.conditional else "unconditional"
    even = 1 / len(view.class_names)
    return (
        f"share of the class that {view.about} sees {which} often in "
        f"{describe(seeds)}, {how}; {even:.3g} is even"
    )


def describe(seeds: Indices) -> str:
    return f"{len(seeds)} samples of the seeds {seeds[0]} to {seeds[-1]}"
