import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from training.data import DataSet
from training.evaluate import (
    ClassifierError,
    TrainedClassifier,
    bundled_classifier,
    load_classifier,
    save_classifier,
)
from training.evaluate.classifier import accuracy
from training.evaluate.classifier_file import BUNDLED, KEY, default_path


@pytest.fixture
def file(tmp_path: Path, trained: TrainedClassifier) -> Path:
    path = tmp_path / "digits.safetensors"
    save_classifier(path, trained)
    return path


def card_of(trained: TrainedClassifier) -> dict[str, object]:
    card: dict[str, object] = trained.card.model_dump(mode="json")
    return card


def forge(path: Path, tensors: dict[str, Tensor], card: object) -> None:
    save_file(tensors, path, metadata={KEY: json.dumps(card)})


def test_what_is_loaded_is_what_was_saved(file: Path, trained: TrainedClassifier) -> None:
    found = load_classifier(file)
    assert found.card == trained.card
    expected = trained.network.state_dict()
    for name, tensor in found.network.state_dict().items():
        assert torch.equal(tensor, expected[name]), name
    assert not found.network.training


def test_parameters_are_stored_in_half_precision(file: Path, trained: TrainedClassifier) -> None:
    stored = load_file(file)
    parameters = {f"classifier.{name}" for name, _ in trained.network.named_parameters()}
    assert {name for name, tensor in stored.items() if tensor.dtype == torch.float16} == parameters
    assert "classifier.trunk.0.1.running_var" in stored


def test_the_card_tells_the_accuracy_of_the_stored_weights(
    file: Path, test_digits: DataSet
) -> None:
    found = load_classifier(file)
    assert found.card.accuracy == accuracy(found.network, test_digits)
    assert found.card.test_digest == test_digits.digest


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match=r"nowhere.safetensors: not a readable"):
        load_classifier(tmp_path / "nowhere.safetensors")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="a folder; expected the file of one classifier"):
        load_classifier(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", pickle.dumps({"weights": [1.0]})])
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(ClassifierError, match=r"other.safetensors: not a readable safetensors"):
        load_classifier(path)


def test_a_truncated_file_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ClassifierError, match=r"digits.safetensors: not a readable safetensors"):
        load_classifier(file)


def test_safetensors_of_someone_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"w": torch.zeros(1)}, path, metadata={"ganforge": "{}"})
    with pytest.raises(ClassifierError, match=r"foreign.*ganforge-classifier.*ganforge classifier"):
        load_classifier(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("format", 2), ("channels", 0), ("accuracy", 1.5), ("class_names", []), ("surplus", 1)],
)
def test_a_card_that_is_not_valid_is_refused(
    file: Path, trained: TrainedClassifier, field: str, value: object
) -> None:
    forge(file, load_file(file), {**card_of(trained), field: value})
    with pytest.raises(ClassifierError, match=f"(?s)digits.safetensors: its card.*{field}"):
        load_classifier(file)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("class_names", ["a", "b"], r"classifier.head.\w+ is .*\(10.*expects .*\(2"),
        ("channels", 3, r"trunk.0.0.weight is .*\(16, 1, 3, 3\).*\(16, 3, 3, 3\)"),
        ("size", 3, "size 3 .* 4 or more"),
    ],
)
def test_tensors_that_do_not_fit_the_card_are_refused(
    file: Path, trained: TrainedClassifier, field: str, value: object, message: str
) -> None:
    forge(file, load_file(file), {**card_of(trained), field: value})
    with pytest.raises(ClassifierError, match=f"digits.safetensors: .*{message}"):
        load_classifier(file)


def test_a_tensor_too_few_or_not_finite_is_refused(file: Path, trained: TrainedClassifier) -> None:
    tensors, card = load_file(file), card_of(trained)
    forge(file, {k: v for k, v in tensors.items() if k != "classifier.head.bias"}, card)
    with pytest.raises(ClassifierError, match=r"missing.*classifier.head.bias"):
        load_classifier(file)
    forge(file, {**tensors, "classifier.head.bias": torch.full((10,), torch.nan).half()}, card)
    with pytest.raises(ClassifierError, match=r"classifier.head.bias .*not finite"):
        load_classifier(file)


def test_a_failed_save_leaves_the_old_file(file: Path, trained: TrainedClassifier) -> None:
    before = file.read_bytes()
    broken = load_classifier(file)
    broken.network.head.bias[0] = torch.inf
    with pytest.raises(ValueError, match=r"head.bias"):
        save_classifier(file, broken)
    assert file.read_bytes() == before
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_data_without_a_bundled_classifier_names_the_command() -> None:
    with pytest.raises(ClassifierError, match="ganforge classifier --data flowers --epochs"):
        bundled_classifier("flowers")


def test_a_path_and_a_name_lead_to_the_same_file() -> None:
    assert default_path("mnist") == BUNDLED / "mnist.safetensors"
    assert default_path("some/folder/mnist") == default_path("mnist")


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.safetensors")), ids=lambda path: path.stem)
def test_every_bundled_classifier_can_judge(path: Path) -> None:
    found = bundled_classifier(path.stem)
    assert found.card.dataset == path.stem
    assert found.card.accuracy > 0.9
    blank = torch.full((1, *found.network.shape), -1.0)
    assert found.network(blank).shape == (1, len(found.card.class_names))
    assert path.stat().st_size < 400_000
