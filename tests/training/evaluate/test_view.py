import pytest
import torch

from training.data import DataSet
from training.evaluate import TrainedClassifier
from training.evaluate.in_domain import BATCH, in_domain
from training.evaluate.view import View


@pytest.fixture(scope="module")
def view(trained: TrainedClassifier) -> View:
    return in_domain(trained, torch.device("cpu"))


def test_what_is_seen_is_the_classifiers_own(
    view: View, trained: TrainedClassifier, digits: DataSet
) -> None:
    pixels = digits.images[: BATCH + 1]
    x = pixels / 127.5 - 1
    look = view.look(pixels)
    torch.testing.assert_close(look.features, trained.network.features(x), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(look.logits, trained.network(x), rtol=1e-4, atol=1e-4)
    assert torch.equal(look.classes(), trained.network(x).argmax(1))


def test_half_precision_is_near_and_kept_as_float32(view: View, digits: DataSet) -> None:
    exact = view.look(digits.images[:50])
    quick = view.look(digits.images[:50], precision="bf16")
    assert quick.features.dtype == torch.float32
    assert not torch.equal(quick.features, exact.features)
    torch.testing.assert_close(quick.features, exact.features, rtol=0.05, atol=0.05)


def test_it_says_what_it_is(view: View, trained: TrainedClassifier) -> None:
    assert f"the digits classifier ({trained.card.accuracy:.2%} right" in view.about
    assert view.shape == (1, 8, 8)
    assert view.class_names == tuple("0123456789")
