"""A judge for every data set: the bundled one, the zoo's own, or a new one."""

from pathlib import Path

import pytest
import torch

from training.data import DataError
from training.zoo import judges

CPU = torch.device("cpu")


def test_one_is_trained_where_none_is_bundled_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judges, "EPOCHS", 1)
    said: list[str] = []
    judges.provide(tmp_path, "digits", CPU, None, said.append)
    assert said == ["digits: no classifier is bundled, training one to judge by"]
    before = judges.path(tmp_path, "digits").read_bytes()
    judges.provide(tmp_path, "digits", CPU, None, said.append)
    assert len(said) == 1
    assert judges.path(tmp_path, "digits").read_bytes() == before
    assert judges.view(tmp_path, "digits", CPU).class_names == tuple("0123456789")


def test_data_that_there_is_not_is_what_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(DataError, match="no data set is named 'nope'"):
        judges.provide(tmp_path, "nope", CPU, None, said.append)
    assert said == []


def test_the_bundled_one_is_taken_where_there_is_one(tmp_path: Path) -> None:
    said: list[str] = []
    judges.provide(tmp_path, "mnist", CPU, None, said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []
    assert "mnist" in judges.view(tmp_path, "mnist", CPU).about


def test_images_without_classes_have_none(tmp_path: Path) -> None:
    from PIL import Image

    folder = tmp_path / "pictures"
    for split in ("train", "test"):
        (folder / split).mkdir(parents=True)
        Image.new("L", (16, 16)).save(folder / split / "one.png")
    with pytest.raises(DataError, match="a classifier needs two or more"):
        judges.provide(tmp_path / "out", str(folder), CPU, None, lambda text: None)
