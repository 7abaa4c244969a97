"""How good a trained GAN is: figures that an independent classifier gives, with their protocol."""

from training.evaluate.augmentation import Augmentation
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

__all__ = [
    "Augmentation",
    "Classifier",
    "ClassifierCard",
    "ClassifierError",
    "Judgement",
    "TrainedClassifier",
    "bundled_classifier",
    "load_classifier",
    "measure",
    "save_classifier",
    "train_classifier",
]
