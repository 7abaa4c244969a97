from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from training.data import DataError, load, names, title


def test_the_usual_names_are_there() -> None:
    assert {"mnist", "fashion_mnist", "cifar10", "digits"} <= set(names())


@pytest.mark.parametrize("name", sorted({*names()} - {"digits", "stacked_mnist"}))
def test_every_download_belongs_in_a_folder_of_its_name(tmp_path: Path, name: str) -> None:
    # There is no network in these tests: the message tells where the files belong.
    with pytest.raises(DataError, match=rf"ganforge/{name}/.*GANFORGE_DATA.* holds {name}/"):
        load(name, root=tmp_path)


@pytest.mark.parametrize(
    ("source", "meant"), [("minst", "mnist"), ("fashion-mnist", "fashion_mnist")]
)
def test_a_misspelt_name_is_answered_with_the_right_one(source: str, meant: str) -> None:
    with pytest.raises(DataError) as error:
        load(source)
    assert f"Did you mean {meant}?" in str(error.value)


def test_an_unknown_source_is_answered_with_what_there_is() -> None:
    with pytest.raises(DataError) as error:
        load("nothing/like/it")
    message = str(error.value)
    assert "'nothing/like/it'" in message
    assert all(name in message for name in names())
    assert "folder of images" in message
    assert "Did you mean" not in message


def test_a_file_of_another_kind_is_answered_as_such(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b")
    with pytest.raises(DataError, match="a file of another kind is at that path"):
        load(str(path))


def test_what_is_neither_a_folder_nor_a_file_is_answered_as_such() -> None:
    with pytest.raises(DataError, match="what is neither a folder nor a file is at that path"):
        load("/dev/null")


@pytest.mark.parametrize("use", [load, title])
def test_an_empty_name_is_not_the_folder_one_is_in(
    use: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("L", (4, 4)).save("a.png")
    assert len(load(".")) == 1
    with pytest.raises(DataError, match="the data's name is empty, as is a shell variable"):
        use("")


def test_a_name_comes_before_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("digits").mkdir()
    Image.new("L", (4, 4)).save("digits/a.png")
    assert len(load("digits")) == 1438
    assert len(load("./digits")) == 1
    assert load("./digits").name == "digits"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("mnist", "mnist"),
        ("here/my pictures", "my-pictures"),
        ("here/my pictures/..", "here"),
        ("pair/images-idx3-ubyte", "pair"),
        (".", "home"),
        ("~", "home"),
    ],
)
def test_a_source_has_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    home = tmp_path / "home"
    (home / "here" / "my pictures").mkdir(parents=True)
    (home / "pair").mkdir()
    (home / "pair" / "images-idx3-ubyte").touch()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    assert title(source) == name


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "pictures").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "pictures" / "a.png")
    assert len(load("~/pictures")) == 1


def test_size_and_channels_are_met() -> None:
    data = load("digits", size=12, channels=3)
    assert data.images.shape == (1438, 3, 12, 12)
    assert data.images.is_contiguous()
    assert (data.images[:, 0] == data.images[:, 2]).all()


def test_the_digest_is_of_what_is_trained_on() -> None:
    digests = {
        load("digits", split=split, size=size).digest
        for split in ("train", "test")
        for size in (8, 16)
    }
    assert len(digests) == 4
    assert load("digits").digest in digests


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"split": "val"}, "split is 'val'; expected train or test"),
        ({"size": 0}, "size is 0"),
        ({"size": 100_000}, "size is 100000; expected 1 to 1024"),
        ({"channels": 2}, "channels is 2"),
    ],
)
def test_refuses_choices_that_no_data_can_meet(options: dict[str, Any], found: str) -> None:
    with pytest.raises(DataError, match=found):
        load("digits", **options)
