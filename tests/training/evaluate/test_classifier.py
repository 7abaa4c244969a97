from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from models.errors import UserError
from training.data import DataSet
from training.evaluate import Classifier, TrainedClassifier
from training.evaluate.classifier import BATCH, accuracy, predict


@pytest.fixture
def network() -> Classifier:
    return Classifier(channels=1, size=28, classes=10).eval()


@pytest.mark.parametrize(("channels", "size", "classes"), [(1, 28, 10), (3, 32, 10), (1, 5, 2)])
def test_logits_are_the_head_over_the_features(channels: int, size: int, classes: int) -> None:
    network = Classifier(channels=channels, size=size, classes=classes).eval()
    x = torch.randn(3, channels, size, size)
    features = network.features(x)
    assert features.shape == (3, 96)
    assert network(x).shape == (3, classes)
    torch.testing.assert_close(network(x), network.head(features))


def test_size_and_cost_are_what_the_docstring_says(network: Classifier) -> None:
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(145e3, rel=0.01)
    assert multiply_adds(network) == pytest.approx(9.8e6, rel=0.01)


def multiply_adds(network: Classifier) -> int:
    found: list[int] = []

    def count(layer: nn.Module, given: tuple[Tensor], made: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d | nn.Linear)
        found.append(made.numel() * layer.weight[0].numel())

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    network(torch.zeros(1, *network.shape))
    return sum(found)


def test_an_image_too_small_to_halve_is_refused() -> None:
    with pytest.raises(UserError, match=r"size 3 .* 4 or more"):
        Classifier(channels=1, size=3, classes=2)


def test_predict_sees_pixels_as_training_does(
    trained: TrainedClassifier, test_digits: DataSet
) -> None:
    x = test_digits.images / 127.5 - 1  # as training.data.Batches gives them
    expected = trained.network(x).argmax(dim=1)
    assert torch.equal(predict(trained.network, test_digits.images), expected)


def test_predict_is_the_same_one_by_one_and_over_batches(
    trained: TrainedClassifier, digits: DataSet
) -> None:
    images = digits.images[: BATCH + 1]
    together = predict(trained.network, images)
    assert together.shape == (BATCH + 1,)
    alone = [int(predict(trained.network, images[i : i + 1])) for i in (0, BATCH - 1, BATCH)]
    assert alone == together[[0, BATCH - 1, BATCH]].tolist()


def test_predict_refuses_images_of_another_shape(trained: TrainedClassifier) -> None:
    with pytest.raises(ValueError, match=r"\(1, 9, 9\).*\(1, 8, 8\)"):
        predict(trained.network, torch.zeros(2, 1, 9, 9, dtype=torch.uint8))


def test_accuracy_is_the_share_that_is_right(test_digits: DataSet) -> None:
    stubborn = Classifier(channels=1, size=8, classes=10).eval()
    nn.init.zeros_(stubborn.head.weight)
    with torch.no_grad():
        stubborn.head.bias.copy_(torch.eye(10)[3])  # it names everything 3
    four = replace(
        test_digits, images=test_digits.images[:4], labels=torch.tensor([3, 3, 1, 3]), digest="d"
    )
    assert accuracy(stubborn, four) == 0.75
