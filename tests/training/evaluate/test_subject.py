from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from models.card import Image
from models.errors import UserError
from tests.training.evaluate.puppets import drawn_always, drawn_by_class, examples
from training.data import DataError, DataSet
from training.evaluate import TrainedClassifier
from training.evaluate import subject as module
from training.evaluate.in_domain import in_domain
from training.evaluate.real import Real, load_real, part
from training.evaluate.subject import gather
from training.evaluate.view import View

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def images(digits: DataSet, trained: TrainedClassifier) -> Tensor:
    return examples(digits, trained)


@pytest.fixture(scope="module")
def view(trained: TrainedClassifier) -> View:
    return in_domain(trained, CPU)


@pytest.fixture(scope="module")
def real(digits: DataSet, test_digits: DataSet) -> Real:
    return Real(train=digits, test=test_digits)


def test_parts_are_as_many_training_images_as_samples_and_at_most_so_many_test_images(
    tmp_path: Path, images: Tensor, view: View, real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TEST_IMAGES", 100)
    model = drawn_always(tmp_path / "m.safetensors", images[0])
    sets = gather(model, view, real, 40).sets
    assert (len(sets.samples), len(sets.train), len(sets.test)) == (40, 40, 100)
    assert sets.seeds.tolist() == list(range(40))
    everything = gather(model, view, real, 5_000).sets
    assert torch.equal(everything.train.pixels, real.train.images)


def test_a_part_is_the_same_each_time_spread_and_labelled(digits: DataSet) -> None:
    index = torch.arange(len(digits))
    numbered = replace(digits, labels=index % 10)
    first, again = part(numbered, 300), part(numbered, 300)
    assert torch.equal(first.pixels, again.pixels)
    assert first.labels is not None
    assert torch.bincount(first.labels).min() > 15
    whole = part(numbered, 10_000)
    assert torch.equal(whole.pixels, digits.images)
    unlabelled = replace(digits, labels=None, class_names=())
    assert part(unlabelled, 300).labels is None
    assert torch.equal(part(unlabelled, 300).pixels, first.pixels)


def test_images_that_the_view_cannot_take_are_refused(
    tmp_path: Path, view: View, real: Real
) -> None:
    model = drawn_always(tmp_path / "m.safetensors", torch.zeros(1, 12, 12, dtype=torch.uint8))
    with pytest.raises(UserError, match=r"puppet makes images \(1, 12, 12\).*takes \(1, 8, 8\)"):
        gather(model, view, real, 10)
    gather(model, replace(view, shape=None), real, 10)


def test_classes_that_the_view_does_not_know_are_refused(
    tmp_path: Path, images: Tensor, view: View, real: Real
) -> None:
    model = drawn_by_class(tmp_path / "m.safetensors", images[:2], ("shoe", "hat"))
    with pytest.raises(UserError, match=r"puppet makes the classes shoe, hat.*knows 0, 1, 2"):
        gather(model, view, real, 10)


def test_real_images_come_in_the_shape_of_the_models(tmp_path: Path) -> None:
    real = load_real("digits", Image(channels=3, height=12, width=12), None)
    assert real.train.images.shape[1:] == (3, 12, 12)
    assert (len(real.train), len(real.test)) == (1438, 359)
    with pytest.raises(DataError, match="no data set is named 'nothing'"):
        load_real("nothing", Image(channels=1, height=8, width=8), None)
