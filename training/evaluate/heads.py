"""Heads: how often a discriminator that tells classes or codes apart is wrong on real images."""

import torch
from torch import Tensor

from models.card import Metric, ModelCard
from models.networks import Discriminator
from training.evaluate.judge import agreeing
from training.evaluate.matching import error, majority
from training.evaluate.real import Images
from training.evaluate.subject import Looks, Sets, Subject

BATCH = 250


def head_errors(subject: Subject, looks: Looks) -> dict[str, Metric]:
    """Measure `class_error` and `code_error`, where the model has what they are about.

    Their floor is the error of the classifier, which learnt from every label.
    """
    card, discriminator, sets = subject.model.card, subject.model.discriminator, subject.sets
    if discriminator is None or sets.train.labels is None or sets.test.labels is None:
        return {}
    known = subject.view.class_names == subject.real.test.class_names
    right = agreeing(looks.test.classes(), sets.test.labels) if known else None
    floor = None if right is None else 1 - right
    metrics = {}
    if "classes" in card.heads:
        metrics["class_error"] = class_error(
            card, discriminator, subject.real.test.class_names, sets, floor
        )
    if "codes" in card.heads and card.codes is not None and card.codes.categorical:
        width = card.codes.categorical[0]
        metrics["code_error"] = clustered(discriminator, "codes", width, sets, floor)
    return metrics


def class_error(
    card: ModelCard,
    discriminator: Discriminator,
    names: tuple[str, ...],
    sets: Sets,
    floor: float | None,
) -> Metric:
    """Measure the `classes` head, by its own names for classes where it learnt them."""
    if not named(card, discriminator.widths["classes"], names):
        width = discriminator.widths["classes"]
        return clustered(discriminator, "classes", width, sets, floor)
    assert sets.test.labels is not None, "head_errors lets only labelled data in"
    found = answers(discriminator, "classes", len(names), sets.test)
    return Metric(
        value=error(found, sets.test.labels),
        floor=floor,
        protocol=f"share of {len(sets.test)} real test images whose class the discriminator's "
        "`classes` head does not name; floor: the classifier that learnt from all labels",
    )


def named(card: ModelCard, width: int, names: tuple[str, ...]) -> bool:
    """Say whether the head's outputs are the data's classes, and not clusters."""
    if card.head_names:
        return card.head_names == names
    return width == len(names) and card.training.hyper_parameters.get("labelled") != 0


def clustered(
    discriminator: Discriminator, head: str, width: int, sets: Sets, floor: float | None
) -> Metric:
    """Measure a head of clusters, each called by the label that most training images in it have."""
    assert sets.train.labels is not None, "head_errors lets only labelled data in"
    assert sets.test.labels is not None, "head_errors lets only labelled data in"
    clusters = answers(discriminator, head, width, sets.train)
    calls = majority(clusters, sets.train.labels, width)
    found = calls[answers(discriminator, head, width, sets.test)]
    return Metric(
        value=error(found, sets.test.labels),
        floor=floor,
        protocol=f"share of {len(sets.test)} real test images whose class the discriminator's "
        f"`{head}` head does not name, each of its {width} clusters called by the label that most "
        f"of {len(sets.train)} training images in it have (majority matching); floor: the "
        "classifier that learnt from all labels",
    )


@torch.inference_mode()
def answers(discriminator: Discriminator, head: str, width: int, images: Images) -> Tensor:
    """Say which of a head's first `width` logits is largest: (N, C, S, S) to (N,)."""
    device = next(discriminator.parameters()).device
    discriminator.eval()
    found = [
        discriminator(some.to(device).float() / 127.5 - 1)[head][:, :width].argmax(1).cpu()
        for some in images.pixels.split(BATCH)
    ]
    return torch.cat(found)
