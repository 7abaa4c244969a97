import json
from pathlib import Path

import pytest

from models.card import Metric
from tests.training.evaluate.puppets import drawn_always
from training.data import DataSet
from training.evaluate import Judgement
from training.evaluate.table import as_json, number, table

JUDGEMENT = Judgement(
    metrics={
        "fid": Metric(value=12.5, floor=0.25, protocol="of two sets"),
        "kid": Metric(value=0.000123, protocol="of subsets"),
    },
    shares={"cat": 0.25, "mouse": 0.75},
)


def test_columns_are_aligned() -> None:
    assert table(JUDGEMENT).splitlines() == [
        "figure     value   floor  protocol",
        "fid      12.5000  0.2500  of two sets",
        "kid     0.000123       -  of subsets",
        "share of each class seen",
        "  cat    0.2500",
        "  mouse  0.7500",
    ]


def test_without_classes_there_are_no_shares() -> None:
    assert "share" not in table(Judgement(metrics=JUDGEMENT.metrics, shares={}))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1000, "1000.0000"), (0.5, "0.5000"), (0, "0.0000"), (-0.00002, "-2e-05"), (0.001, "0.0010")],
)
def test_what_is_small_keeps_its_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_json_loses_nothing(tmp_path: Path, digits: DataSet) -> None:
    model = drawn_always(tmp_path / "m.safetensors", digits.images[0])
    found = json.loads(as_json(model.card, "abc", JUDGEMENT))
    assert (found["model"], found["digest"]) == ("puppet", "abc")
    assert found["metrics"]["fid"] == {"value": 12.5, "floor": 0.25, "protocol": "of two sets"}
    assert found["metrics"]["kid"]["floor"] is None
    assert found["shares"] == JUDGEMENT.shares
