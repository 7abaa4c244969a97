"""How good a trained GAN is: figures that an independent classifier gives, with their protocol."""

from training.evaluate.classifier import Classifier
from training.evaluate.classifier_file import (
    ClassifierCard,
    ClassifierError,
    TrainedClassifier,
)
from training.evaluate.classifier_file import bundled as bundled_classifier
from training.evaluate.classifier_file import load as load_classifier
from training.evaluate.classifier_file import save as save_classifier
from training.evaluate.fit import train_classifier
from training.evaluate.judge import Judgement, measure
from training.evaluate.memorisation import Neighbours, nearest
from training.evaluate.reference import Reference, in_domain_distance

__all__ = [
    "Classifier",
    "ClassifierCard",
    "ClassifierError",
    "Judgement",
    "Neighbours",
    "Reference",
    "TrainedClassifier",
    "bundled_classifier",
    "in_domain_distance",
    "load_classifier",
    "measure",
    "nearest",
    "save_classifier",
    "train_classifier",
]
