import pytest
import torch

from training.augmentation import Augmentation
from training.data import DataSet, load
from training.evaluate import TrainedClassifier, train_classifier


@pytest.fixture(scope="session")
def digits() -> DataSet:
    return load("digits", size=8)


@pytest.fixture(scope="session")
def test_digits() -> DataSet:
    return load("digits", split="test", size=8)


@pytest.fixture(scope="session")
def trained(digits: DataSet, test_digits: DataSet) -> TrainedClassifier:
    return train_classifier(
        digits,
        test_digits,
        epochs=8,
        seed=0,
        device=torch.device("cpu"),
        augmentation=Augmentation(shift=0, degrees=10),
        report=lambda epoch, loss: None,
    )
