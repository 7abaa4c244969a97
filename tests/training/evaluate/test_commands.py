import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import typer
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, equal
from typer.testing import CliRunner, Result

from models import checkpoint
from models.errors import UserError
from tests.training.evaluate.puppets import drawn_by_class, examples
from training.augmentation import Augmentation
from training.data import DataSet, load
from training.evaluate import (
    TrainedClassifier,
    classifier_file,
    commands,
    load_classifier,
    save_classifier,
)
from training.evaluate.classifier import accuracy
from training.evaluate.commands import classifier, evaluate
from training.evaluate.in_domain import in_domain

app = typer.Typer()
app.command()(evaluate)
app.command()(classifier)


NAMES = tuple("0123456789")
CLASS_FIGURES = {"agreement", "least", "most"}
LIKENESS = {"fid", "kid", "precision", "recall", "density", "coverage", "score"}
FIGURES = {*CLASS_FIGURES, *(f"in_domain_{name}" for name in LIKENESS), "copied", "nearer"}


def run(*words: str | Path | int) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def model(tmp_path: Path, digits: DataSet, trained: TrainedClassifier) -> Path:
    path = tmp_path / "puppet.safetensors"
    drawn_by_class(path, examples(digits, trained), NAMES)
    return path


@pytest.fixture
def judge(tmp_path: Path, trained: TrainedClassifier) -> Path:
    path = tmp_path / "judge.safetensors"
    save_classifier(path, trained)
    return path


def test_evaluate_prints_each_figure_with_its_floor_and_protocol(
    model: Path, judge: Path, trained: TrainedClassifier
) -> None:
    before = model.read_bytes()
    result = run("evaluate", model, "--classifier", judge, "--samples", 50)
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert lines["figure"].split() == ["figure", "value", "floor", "protocol"]
    floor = f"{trained.card.accuracy:.4f}"  # what the classifier sees in real images
    assert lines["agreement"].split()[:3] == ["agreement", "1.0000", floor]
    assert "share of 50 samples of the seeds 0 to 49" in lines["agreement"]
    assert lines.keys() >= FIGURES
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
    assert new.card.metrics.keys() == {"fid", *FIGURES}
    for name in FIGURES:
        assert new.card.metrics[name].floor is not None, name
        assert "real" in new.card.metrics[name].protocol or name in CLASS_FIGURES, name
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


def test_json_is_all_of_it_and_nothing_else(model: Path, judge: Path) -> None:
    options = ("--classifier", judge, "--samples", 50, "--json", "--record")
    before = checkpoint.load(model).digest
    found = json.loads(run("evaluate", model, *options).stdout)
    assert found["model"] == "puppet"
    assert found["digest"] == before
    assert found["shares"].keys() == set("0123456789")
    recorded = checkpoint.load(model).card.metrics
    assert found["metrics"] == {name: recorded[name].model_dump() for name in FIGURES}


def test_the_same_file_gives_the_same_figures_twice(model: Path, judge: Path) -> None:
    options = ("--classifier", judge, "--samples", 50, "--json")
    first = run("evaluate", model, *options)
    assert first.exit_code == 0, first.output
    assert run("evaluate", model, *options).stdout == first.stdout


def test_a_model_is_the_nearer_to_real_images_the_better_it_is(
    tmp_path: Path, digits: DataSet, trained: TrainedClassifier, judge: Path
) -> None:
    """One example a class is no distribution, but it is nearer than one example is."""
    many = drawn_by_class(tmp_path / "m.safetensors", examples(digits, trained), NAMES)
    one = drawn_by_class(tmp_path / "o.safetensors", examples(digits, trained)[[0] * 10], NAMES)
    figures = []
    for model in (many, one):
        path = tmp_path / "puppet.safetensors"
        checkpoint.save(path, model.card, model.generator, model.discriminator)
        options = ("--classifier", judge, "--samples", 50, "--json")
        figures.append(json.loads(run("evaluate", path, *options).stdout)["metrics"])
    values = [{name: metric["value"] for name, metric in found.items()} for found in figures]
    assert values[0]["in_domain_fid"] < values[1]["in_domain_fid"]
    assert values[0]["in_domain_kid"] < values[1]["in_domain_kid"]
    assert values[0]["in_domain_score"] > 2 * values[1]["in_domain_score"]
    assert values[0]["in_domain_coverage"] > values[1]["in_domain_coverage"]
    assert values[0]["copied"] > 0.9  # every sample is a training image
    floors = [{name: metric["floor"] for name, metric in found.items()} for found in figures]
    assert floors[0] == floors[1]
    assert floors[0]["in_domain_fid"] < values[0]["in_domain_fid"]


def test_inception_is_used_where_it_is_and_said_to_be_missing_where_not(
    model: Path, judge: Path, monkeypatch: pytest.MonkeyPatch, trained: TrainedClassifier
) -> None:
    options = ("--classifier", judge, "--samples", 50)
    without = run("evaluate", model, *options)
    assert "no figures on Inception's features" in without.stderr
    assert run("evaluate", model, *options, "--no-inception").stderr.count("Inception") == 0
    published = replace(in_domain(trained, torch.device("cpu")), name="inception", about="its")
    monkeypatch.setattr(commands, "inception", lambda device: published)
    found = run("evaluate", model, *options)
    assert "Inception" not in found.stderr
    names = {line.split()[0] for line in found.stdout.splitlines()}
    assert names >= FIGURES | {f"inception_{name}" for name in LIKENESS}


def test_evaluate_says_when_the_model_learnt_from_other_images(
    model: Path, judge: Path, digits: DataSet
) -> None:
    options = ("--classifier", judge, "--samples", 50)
    assert "learnt from data with the digest d, these" in run("evaluate", model, *options).stderr
    old = checkpoint.load(model)
    learnt = old.card.training.model_copy(update={"data_digest": digits.digest})
    card = old.card.model_copy(update={"training": learnt})
    checkpoint.save(model, card, old.generator, old.discriminator)
    assert "digest" not in run("evaluate", model, *options).stderr


def paint(folder: Path, **splits: int) -> None:
    """Put so many pictures in each split."""
    for split, count in splits.items():
        (folder / split).mkdir(parents=True)
        for index in range(count):
            Image.new("L", (8, 8), index).save(folder / split / f"{index}.png")


def test_evaluate_refuses_real_images_that_are_too_few(
    model: Path, judge: Path, tmp_path: Path
) -> None:
    paint(tmp_path / "few", train=12, test=9)
    result = run("evaluate", model, "--classifier", judge, "--data", tmp_path / "few")
    assert isinstance(result.exception, UserError)
    assert "few has a split of 9 images; expected 10 or more" in str(result.exception)


def test_evaluate_without_a_classifier_says_which_command_trains_one(
    model: Path, tmp_path: Path
) -> None:
    paint(tmp_path / "flowers", train=10, test=10)
    result = run("evaluate", model, "--data", tmp_path / "flowers")
    assert isinstance(result.exception, UserError)
    assert f"ganforge classifier --data {tmp_path / 'flowers'}" in str(result.exception)


def test_evaluate_against_data_that_there_is_not_says_so(model: Path) -> None:
    result = run("evaluate", model, "--data", "nope")
    assert isinstance(result.exception, UserError)
    assert "no data set is named 'nope'" in str(result.exception)


def test_evaluate_refuses_a_file_that_is_no_model(judge: Path) -> None:
    result = run("evaluate", judge, "--classifier", judge)
    assert isinstance(result.exception, UserError)
    assert str(judge) in str(result.exception)


def test_evaluate_refuses_a_folder(tmp_path: Path) -> None:
    result = run("evaluate", tmp_path)
    assert f"{tmp_path}: a folder; expected the .safetensors file" in str(result.exception)


def test_a_classifier_has_the_size_that_the_models_have(tmp_path: Path, model: Path) -> None:
    path = tmp_path / "large.safetensors"
    result = run(
        "classifier", "--data", "digits", "--epochs", 1, "--size", 32, "--channels", 3,
        "--device", "cpu", "--out", path,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    wrong = run("evaluate", model, "--classifier", path)
    assert "takes (3, 32, 32)" in str(wrong.exception)
    assert "`ganforge classifier` trains, with --size 8 --channels 1" in str(wrong.exception)


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
    assert card.augmentation == Augmentation(shift=1, degrees=5, flip=True)


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
