"""Protocols: how the classes of a data set are seen and counted, where not as usual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch

from training.data import title
from training.evaluate import classifier_file, stacked
from training.evaluate.classifier_file import TrainedClassifier
from training.evaluate.in_domain import in_domain
from training.evaluate.judge import Judgement, classes
from training.evaluate.subject import Looks, Subject
from training.evaluate.view import View


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """A view made of a classifier, its own or `borrowed` from other data, and what is counted."""

    borrowed: str | None = None
    view: Callable[[TrainedClassifier, torch.device], View] = in_domain
    classes: Callable[[Subject, Looks], Judgement] = classes


USUAL = Protocol()
UNUSUAL: Mapping[str, Protocol] = MappingProxyType(
    {
        "stacked_mnist": Protocol(
            borrowed="mnist", view=stacked.channelwise, classes=stacked.modes
        ),
    }
)


def protocol(data: str) -> Protocol:
    """Return the protocol of a data set by its name or path."""
    return UNUSUAL.get(title(data), USUAL)


def bundled_view(data: str, device: torch.device) -> View:
    """View images with the bundled classifier of a data set. Raises ClassifierError."""
    how = protocol(data)
    return how.view(classifier_file.bundled(how.borrowed or data), device)
