"""Means, spreads, floors and the best of a column, by hand."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.card import Metric
from training.config import Config
from training.evaluate.judge import Judgement
from training.report.model import Model, Weights
from training.report.table import Table, tabulate
from training.zoo.entry import Entry


def model(folder: Path, variant: str, seed: int, **values: float) -> Model:
    """A run of two epochs with these figures, and a file of half a megabyte."""
    file = folder / f"{variant}{seed}"
    file.write_bytes(bytes(500_000))
    weights = Weights(file)
    metrics = {
        name: Metric(value=value, floor=0.5, protocol=f"how {name} is measured")
        for name, value in values.items()
    }
    training = SimpleNamespace(
        seconds=90.0, images=800, device="a cpu", hyper_parameters={"batch": 8}
    )
    known: dict[str, Any] = {
        "judgement": Judgement(metrics=metrics, shares={}),
        "model": SimpleNamespace(card=SimpleNamespace(training=training)),
    }
    weights.__dict__.update(known)
    made = Model(
        entry=Entry(variant=variant, data="mnist", seed=seed),
        folder=folder,
        config=Config(variant=variant, data="mnist", batch=8, epochs=2),
        last=weights,
    )
    # 0.2 s a batch, but for an evaluation of 30 s between the second and the third line
    seconds = [10.0, 20.0, 60.0, 70.0]
    lines = [{"batch": 50 * i, "seconds": s} for i, s in enumerate(seconds)]
    made.__dict__["journal"] = lines
    return made


def column(table: Table, head: str) -> list[str]:
    place = list(table.heads).index(head)
    return [row.cells[place].text for row in table.rows]


def marked(table: Table, head: str) -> list[str]:
    place = list(table.heads).index(head)
    return [row.name for row in table.rows if row.cells[place].best]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    models = [
        model(tmp_path, "gan", 0, in_domain_fid=3.0, least=0.06, brightness=1.0),
        model(tmp_path, "gan", 1, in_domain_fid=5.0, least=0.08, brightness=2.0),
        model(tmp_path, "lsgan", 0, in_domain_fid=3.5, least=0.05),
    ]
    found = tabulate(models, lambda model: model.last)
    assert found is not None
    return found


def test_cells_are_means_over_the_seeds_with_the_deviation(table: Table) -> None:
    assert column(table, "FID") == ["4.00 ± 1.41", "3.50"]
    assert column(table, "least class") == ["7.00 % ± 1.41 %", "5.00 %"]


def test_the_best_of_a_column_is_marked_the_way_that_is_better(table: Table) -> None:
    assert marked(table, "FID") == ["lsgan"]
    assert marked(table, "least class") == ["gan"]
    assert marked(table, "MB") == []  # all alike


def test_an_unknown_figure_stands_under_its_own_name_and_a_lack_is_a_dash(table: Table) -> None:
    assert column(table, "brightness") == ["1.5000 ± 0.7071", "—"]


def test_costs_are_those_of_training_alone(table: Table) -> None:
    assert column(table, "s / epoch") == ["10.0 ± 0.0", "10.0"]
    assert column(table, "MB") == ["0.50 ± 0.00", "0.50"]


def test_the_last_row_is_what_real_images_reach(table: Table) -> None:
    assert table.floor.name == "real images"
    floors = dict(zip(table.heads, (cell.text for cell in table.floor.cells), strict=True))
    assert floors == {
        "FID": "0.50", "least class": "50.00 %", "brightness": "0.5000", "s / epoch": "—",
        "MB": "—",
    }  # fmt: skip


def test_each_protocol_is_said_once(table: Table) -> None:
    assert table.protocols["FID"] == ["how in_domain_fid is measured"]


def test_there_is_no_table_of_nothing(tmp_path: Path) -> None:
    assert tabulate([model(tmp_path, "gan", 0, fid=1.0)], lambda model: model.best) is None
