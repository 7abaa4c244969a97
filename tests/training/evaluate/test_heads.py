from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.card import Codes
from models.checkpoint import Checkpoint
from models.networks import Discriminator
from tests.training.evaluate.puppets import drawn_always, examples
from training.data import DataSet
from training.evaluate import TrainedClassifier
from training.evaluate.classifier import accuracy
from training.evaluate.evaluation import evaluate_all
from training.evaluate.heads import head_errors
from training.evaluate.in_domain import in_domain
from training.evaluate.protocols import USUAL
from training.evaluate.real import Real
from training.evaluate.subject import Subject, gather, look

WRONG = 0.125  # one test image in eight


class Oracle(Discriminator):
    """Says what `answers` say of the value that an image's first pixel has."""

    def __init__(self, head: str, answers: Sequence[int], width: int, idle: int = 0) -> None:
        super().__init__(channels=1, size=8, classes=0, heads={head: width})
        self.add_heads(1)
        self.answers = torch.tensor(answers)
        self.head, self.width, self.idle = head, width, idle

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        assert not self.training
        found = torch.nn.functional.one_hot(self.answers[value(x)], self.width)
        return {self.head: torch.cat([found.float(), torch.full((len(x), self.idle), 9.0)], dim=1)}


def value(x: Tensor) -> Tensor:
    return ((x[:, 0, 0, 0] + 1) * 127.5).round().long()


def marked(data: DataSet, wrong: float) -> DataSet:
    """Write an image's label into its first pixel, or in a share of the images the next label."""
    assert data.labels is not None
    count = len(data) // 8 * 8
    images, labels = data.images[:count].clone(), data.labels[:count]
    period = round(1 / wrong) if wrong else count + 1
    slips = (torch.arange(1, count + 1) % period == 0).long()
    images[:, 0, 0, 0] = ((labels + slips) % 10).to(torch.uint8)
    return replace(data, images=images, labels=labels)


@pytest.fixture(scope="module")
def real(digits: DataSet, test_digits: DataSet) -> Real:
    return Real(train=marked(digits, 0), test=marked(test_digits, WRONG))


@pytest.fixture
def plain(tmp_path: Path, digits: DataSet, trained: TrainedClassifier) -> Checkpoint:
    return drawn_always(tmp_path / "plain.safetensors", examples(digits, trained)[0])


def subject(
    model: Checkpoint, oracle: Discriminator, real: Real, trained: TrainedClassifier, **card: Any
) -> Subject:
    changed = model.card.model_copy(update={"heads": tuple(oracle.widths), **card})
    rigged = replace(model, card=changed, discriminator=oracle)
    return gather(rigged, in_domain(trained, torch.device("cpu")), real, 400)


def errors(subject: Subject) -> dict[str, Any]:
    return head_errors(subject, look(subject.view, subject.sets))


def learnt_without_labels(model: Checkpoint) -> Any:
    return model.card.training.model_copy(update={"hyper_parameters": {"labelled": 0}})


def test_a_classes_head_is_held_to_its_own_names(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    oracle = Oracle("classes", range(10), 10)
    found = errors(subject(plain, oracle, real, trained))
    assert found.keys() == {"class_error"}
    assert found["class_error"].value == WRONG
    assert "352 real test images" in found["class_error"].protocol
    assert "majority" not in found["class_error"].protocol
    shifted = Oracle("classes", [*range(1, 10), 0], 10)
    assert errors(subject(plain, shifted, real, trained))["class_error"].value > 0.8


def test_clusters_learnt_without_labels_are_matched(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    shifted = Oracle("classes", [*range(1, 10), 0], 10)
    training = learnt_without_labels(plain)
    found = errors(subject(plain, shifted, real, trained, training=training))["class_error"]
    assert found.value == WRONG
    assert "10 clusters called by the label that most of 400 training images" in found.protocol


def test_a_head_whose_names_are_clusters_is_matched(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    shifted = Oracle("classes", [*range(1, 10), 0], 10)
    names = tuple(f"cluster {index}" for index in range(10))
    assert (
        errors(subject(plain, shifted, real, trained, head_names=names))["class_error"].value
        == WRONG
    )


def test_a_head_of_another_width_is_matched(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    wide = Oracle("classes", [19, 3, 5, 7, 11, 2, 0, 1, 4, 13], 20)
    assert errors(subject(plain, wide, real, trained))["class_error"].value == WRONG


def test_two_classes_in_one_cluster_cost_the_rarer(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    merged = Oracle("classes", [0, 0, *range(2, 10)], 10)
    training = learnt_without_labels(plain)
    right = subject(
        plain, merged, Real(train=real.train, test=real.train), trained, training=training
    )
    found = errors(right)["class_error"].value
    labels, chosen = right.sets.test.labels, right.sets.train.labels
    assert labels is not None
    assert chosen is not None
    loser = 0 if int((chosen == 0).sum()) < int((chosen == 1).sum()) else 1
    assert found == pytest.approx(float((labels == loser).float().mean()))


def test_code_error_looks_at_the_first_categorical_code_alone(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    oracle = Oracle("codes", [*range(1, 10), 0], 10, idle=2)  # the idle logits are the largest
    codes = Codes(categorical=(10,), continuous=2)
    found = errors(subject(plain, oracle, real, trained, codes=codes))
    assert found.keys() == {"code_error"}
    assert found["code_error"].value == WRONG
    assert "majority matching" in found["code_error"].protocol


def test_the_floor_is_the_error_of_the_classifier(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    oracle = Oracle("classes", range(10), 10)
    found = errors(subject(plain, oracle, real, trained))["class_error"]
    agreement = accuracy(trained.network, real.test)
    assert 0.5 < agreement < 1
    assert found.floor == pytest.approx(1 - agreement)


def test_an_evaluation_holds_them(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    rigged = subject(plain, Oracle("classes", range(10), 10), real, trained)
    assert evaluate_all(rigged, USUAL, []).metrics["class_error"].value == WRONG


def test_models_without_such_heads_and_data_without_labels_have_no_error(
    plain: Checkpoint, real: Real, trained: TrainedClassifier
) -> None:
    assert errors(subject(plain, Oracle("realness", range(10), 10), real, trained)) == {}
    bare = replace(real.test, labels=None, class_names=())
    unlabelled = Real(train=real.train, test=bare)
    assert errors(subject(plain, Oracle("classes", range(10), 10), unlabelled, trained)) == {}
    alone = subject(plain, Oracle("classes", range(10), 10), real, trained)
    none = replace(alone, model=replace(alone.model, discriminator=None))
    assert errors(none) == {}
