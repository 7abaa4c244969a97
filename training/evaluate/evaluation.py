"""Evaluation: every figure of a model, each with its protocol and its floor."""

from collections.abc import Sequence

from training.evaluate.heads import head_errors
from training.evaluate.judge import Judgement
from training.evaluate.likeness import likeness
from training.evaluate.memorisation import memorisation
from training.evaluate.protocols import Protocol
from training.evaluate.subject import Subject, look
from training.evaluate.view import View


def evaluate_all(subject: Subject, protocol: Protocol, others: Sequence[View]) -> Judgement:
    """Measure the model by its own view, and how alike the images are by the others too."""
    sets = subject.sets
    looks = look(subject.view, sets)
    judged = protocol.classes(subject, looks)
    metrics = {**judged.metrics, **likeness(subject.view, looks, sets)}
    for view in others:
        metrics |= likeness(view, look(view, sets), sets)
    metrics |= memorisation(sets.samples.pixels, subject.real)
    metrics |= head_errors(subject, looks)
    return Judgement(metrics=metrics, shares=judged.shares)
