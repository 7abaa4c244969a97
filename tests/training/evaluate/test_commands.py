from pathlib import Path

import pytest
import typer
from safetensors.torch import load_file
from torch import Tensor, equal
from typer.testing import CliRunner, Result

from models import checkpoint
from models.errors import UserError
from tests.training.evaluate.puppets import drawn_by_class, examples
from training.data import DataSet, load
from training.evaluate import TrainedClassifier, classifier_file, load_classifier, save_classifier
from training.evaluate.classifier import accuracy
from training.evaluate.commands import classifier, evaluate

app = typer.Typer()
app.command()(evaluate)
app.command()(classifier)


def run(*words: str | Path | int) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def model(tmp_path: Path, digits: DataSet, trained: TrainedClassifier) -> Path:
    path = tmp_path / "puppet.safetensors"
    drawn_by_class(path, examples(digits, trained), tuple("0123456789"))
    return path


@pytest.fixture
def judge(tmp_path: Path, trained: TrainedClassifier) -> Path:
    path = tmp_path / "judge.safetensors"
    save_classifier(path, trained)
    return path


def test_evaluate_prints_each_figure_with_its_protocol(model: Path, judge: Path) -> None:
    before = model.read_bytes()
    result = run("evaluate", model, "--classifier", judge, "--samples", 50)
    assert result.exit_code == 0, result.output
    assert "agreement  1.0000  share of 50 samples of the seeds 0 to 49" in result.output
    shares = [line.split() for line in result.output.splitlines() if line.startswith("  ")]
    assert [name for name, _ in shares] == list("0123456789")
    assert sum(float(share) for _, share in shares) == pytest.approx(1)
    assert model.read_bytes() == before


def test_record_writes_the_figures_and_keeps_all_else(model: Path, judge: Path) -> None:
    old, old_tensors = checkpoint.load(model), load_file(model)
    result = run("evaluate", model, "--classifier", judge, "--samples", 50, "--record")
    assert result.exit_code == 0, result.output
    new, new_tensors = checkpoint.load(model), load_file(model)
    assert new.digest in result.output
    assert new.card.metrics["agreement"].value == 1
    assert new.card.metrics.keys() == {"fid", "agreement", "least", "most"}
    assert new.card.model_copy(update={"metrics": old.card.metrics}) == old.card
    assert new.card.metrics["fid"] == old.card.metrics["fid"]
    assert new_tensors.keys() == old_tensors.keys()
    for name, tensor in new_tensors.items():
        assert same(tensor, old_tensors[name]), name


def same(a: Tensor, b: Tensor) -> bool:
    return a.dtype == b.dtype and equal(a, b)


def test_recording_twice_replaces_the_figure(model: Path, judge: Path) -> None:
    for samples in (50, 20):
        run("evaluate", model, "--classifier", judge, "--samples", samples, "--record")
    assert "20 samples" in checkpoint.load(model).card.metrics["agreement"].protocol


def test_evaluate_judges_with_the_classifier_of_the_models_own_data(
    model: Path, trained: TrainedClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier_file, "BUNDLED", tmp_path / "classifiers")
    save_classifier(classifier_file.default_path("digits"), trained)
    result = run("evaluate", model, "--samples", 10)
    assert result.exit_code == 0, result.output
    assert "the digits classifier" in result.output
    assert run("evaluate", model, "--data", "digits", "--samples", 10).output == result.output


def test_evaluate_without_a_classifier_says_which_command_trains_one(model: Path) -> None:
    result = run("evaluate", model, "--data", "flowers")
    assert isinstance(result.exception, UserError)
    assert "ganforge classifier --data flowers" in str(result.exception)


def test_evaluate_refuses_a_file_that_is_no_model(judge: Path) -> None:
    result = run("evaluate", judge, "--classifier", judge)
    assert isinstance(result.exception, UserError)
    assert str(judge) in str(result.exception)


def test_classifier_trains_measures_and_writes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new.safetensors"
    result = run(
        "classifier", "--data", "digits", "--epochs", 1, "--shift", 1, "--rotate", 5, "--flip",
        "--seed", 3, "--device", "cpu", "--out", path,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    card = load_classifier(path).card
    assert "epoch 1 of 1: loss" in result.output
    assert f"{card.accuracy:.2%} right on the test images of digits" in result.output
    assert (card.dataset, card.epochs, card.seed) == ("digits", 1, 3)
    assert card.augmentation.model_dump() == {"shift": 1, "degrees": 5, "flip": True}


def test_classifier_is_bundled_where_evaluate_looks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits: DataSet
) -> None:
    monkeypatch.setattr(classifier_file, "BUNDLED", tmp_path)
    result = run("classifier", "--data", "digits", "--epochs", 1, "--device", "cpu")
    assert result.exit_code == 0, result.output
    found = classifier_file.bundled("digits")
    assert found.card.dataset == "digits"
    assert found.network.shape != (1, digits.size, digits.size)  # the built-in size, not the test's
    assert accuracy(found.network, digits_as_loaded()) == found.card.accuracy


def digits_as_loaded() -> DataSet:
    return load("digits", split="test")
