import logging
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.data import DataError, load


def paint(path: Path, colour: int | tuple[int, int, int] = 7, side: int = 8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L" if isinstance(colour, int) else "RGB", (side, side), colour).save(path)
    return path


def bomb(path: Path, side: int) -> None:
    """Write a PNG that says it has side x side pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def levels(source: Path, split: str = "train") -> list[int]:
    """Return the level of the first pixel of each image."""
    return load(str(source), split=split, size=2).images[:, 0, 0, 0].tolist()


def test_images_without_sub_folders_have_no_labels(tmp_path: Path) -> None:
    for level in (3, 1, 2):
        paint(tmp_path / "shapes" / f"{level}.png", level)
    data = load(str(tmp_path / "shapes"))
    assert data.name == "shapes"
    assert data.images.shape == (3, 1, 64, 64)
    assert data.images[:, 0, 0, 0].tolist() == [1, 2, 3]
    assert data.labels is None
    assert data.class_names == ()


def test_sub_folders_are_classes_in_the_order_of_their_names(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "dog" / "b.png", 20)
    paint(tmp_path / "dog" / "a.png", 21)
    paint(tmp_path / "cat" / "z.png", 10)
    paint(tmp_path / "cat" / "deep" / "er" / "a.png", 11)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("no image")
    data = load(str(tmp_path), size=2)
    assert data.class_names == ("cat", "dog")
    assert "empty, notes: no class, for there is no image in it" in caplog.text
    assert data.labels is not None
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert data.labels.dtype == torch.int64
    assert data.images[:, 0, 0, 0].tolist() == [11, 10, 21, 20]


def test_a_class_without_images_in_its_split_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it has no file there or none that can be read."""
    for split in ("train", "test"):
        paint(tmp_path / split / "cat" / "a.png")
    paint(tmp_path / "test" / "dog" / "a.png")
    broken = paint(tmp_path / "train" / "elk" / "a.png")
    broken.write_bytes(broken.read_bytes()[:45])
    assert load(str(tmp_path)).class_names == ("cat", "dog", "elk")
    assert f"{tmp_path / 'train'}: not one image of dog, elk, which is a class" in caplog.text
    load(str(tmp_path), split="test")
    assert f"{tmp_path / 'test'}: not one image of elk, which is a class" in caplog.text


def test_the_same_folder_has_the_same_digest(tmp_path: Path) -> None:
    for level in range(40):
        paint(tmp_path / str(level % 3) / f"{level}.png", level)
    first = load(str(tmp_path), size=4)
    assert load(str(tmp_path), size=4).digest == first.digest
    (tmp_path / "0" / "0.png").rename(tmp_path / "0" / "renamed.png")
    assert load(str(tmp_path), size=4).digest != first.digest


def test_more_images_than_wait_at_once_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.data.folder.AHEAD", 4)
    for level in range(30):
        paint(tmp_path / f"{level:02}.png", level)
    assert levels(tmp_path) == list(range(30))


@pytest.mark.parametrize(("channels", "red"), [(None, [200, 0, 0]), (1, [60]), (3, [200, 0, 0])])
def test_one_coloured_image_makes_colour_data(
    tmp_path: Path, channels: int | None, red: list[int]
) -> None:
    paint(tmp_path / "a.png", 50)
    paint(tmp_path / "b.png", (200, 0, 0))
    data = load(str(tmp_path), size=2, channels=channels)
    assert data.images.shape == (2, len(red), 2, 2)
    assert (data.images[0] == 50).all()
    assert data.images[1, :, 0, 0].tolist() == red


def test_unreadable_files_are_named_in_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "good.png", 5)
    whole = paint(tmp_path / "cut.png", side=64).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "cut.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "cut.jpg").read_bytes()[:-500])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "labels.csv").write_text("a,b")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    bomb(tmp_path / "bomb.png", 30000)
    bomb(tmp_path / "small_bomb.png", 10000)
    os.mkfifo(tmp_path / "pipe.png")
    with caplog.at_level(logging.WARNING):
        assert levels(tmp_path) == [5]
    [record] = caplog.records
    message = record.getMessage()
    assert "8 of 9 files" in message
    for name in ("cut.png", "cut.jpg", "empty.png", "labels.csv", "gone.png", "pipe.png"):
        assert repr(name) in message
    assert "'bomb.png' (Image size (900000000 pixels)" in message
    assert "'small_bomb.png' (Image size (100000000 pixels)" in message


def test_a_warning_names_ten_files_and_counts_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "good.png")
    for number in range(13):
        (tmp_path / f"bad{number:02}.png").write_text("no image")
    load(str(tmp_path))
    [record] = caplog.records
    assert "13 of 14 files" in record.getMessage()
    assert "'bad09.png'" in record.getMessage()
    assert "bad10" not in record.getMessage()
    assert record.getMessage().endswith("and 3 more")


def test_a_clean_folder_is_read_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "good.png")
    load(str(tmp_path))
    assert caplog.records == []


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no files; expected images"):
        load(str(tmp_path))


def test_a_folder_without_a_readable_image_is_an_error_that_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(DataError, match=r"only unreadable files: 'a\.png' \(not an image\)"):
        load(str(tmp_path))


def test_images_beside_classes_are_an_error(tmp_path: Path) -> None:
    paint(tmp_path / "cat" / "a.png")
    paint(tmp_path / "loose.png")
    with pytest.raises(DataError, match=r"mixes images \('loose\.png'\) with sub-folders \(cat\)"):
        load(str(tmp_path))


def test_other_files_beside_classes_are_only_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "cat" / "a.png", 4)
    (tmp_path / "labels.csv").write_text("a,b")
    assert levels(tmp_path) == [4]
    assert "1 of 2 files" in caplog.text


def test_hidden_files_and_folders_are_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(tmp_path / "a.png", 1)
    paint(tmp_path / ".thumbnails" / "a.png", 2)
    (tmp_path / ".DS_Store").write_bytes(b"mac")
    assert levels(tmp_path) == [1]
    assert caplog.records == []


def test_links_are_followed_but_never_in_a_circle(tmp_path: Path) -> None:
    paint(tmp_path / "elsewhere" / "a.png", 6)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cat").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "up").symlink_to(tmp_path / "elsewhere")
    data = load(str(folder), size=2)
    assert data.class_names == ("cat",)
    assert data.images[:, 0, 0, 0].tolist() == [6]


def test_train_and_test_are_splits_with_the_same_classes(tmp_path: Path) -> None:
    paint(tmp_path / "train" / "cat" / "a.png", 1)
    paint(tmp_path / "train" / "dog" / "a.png", 2)
    paint(tmp_path / "test" / "dog" / "a.png", 3)
    paint(tmp_path / "test" / "emu" / "a.png", 4)
    assert levels(tmp_path) == [1, 2]
    assert load(str(tmp_path)).class_names == ("cat", "dog", "emu")
    test = load(str(tmp_path), split="test", size=2)
    assert test.class_names == ("cat", "dog", "emu")
    assert test.labels is not None
    assert test.labels.tolist() == [1, 2]
    assert test.images[:, 0, 0, 0].tolist() == [3, 4]


def test_splits_may_have_no_classes(tmp_path: Path) -> None:
    paint(tmp_path / "train" / "a.png", 1)
    paint(tmp_path / "test" / "a.png", 2)
    assert levels(tmp_path, "test") == [2]
    assert load(str(tmp_path)).labels is None


def test_what_is_beside_the_splits_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for place in ("train", "test", "holiday"):
        paint(tmp_path / place / "a.png")
    assert len(load(str(tmp_path))) == 1
    assert "only train and test are read, not holiday" in caplog.text


def test_images_beside_the_splits_are_an_error(tmp_path: Path) -> None:
    for place in ("train/a.png", "test/a.png", "loose.png"):
        paint(tmp_path / place)
    with pytest.raises(DataError, match=r"mixes images \('loose\.png'\)"):
        load(str(tmp_path))


def test_train_beside_validation_is_a_split_and_there_is_no_test(tmp_path: Path) -> None:
    paint(tmp_path / "train" / "cat" / "a.png")
    paint(tmp_path / "val" / "cat" / "a.png")
    assert load(str(tmp_path)).class_names == ("cat",)
    with pytest.raises(DataError, match="has no test split"):
        load(str(tmp_path), split="test")


def test_train_among_other_names_is_a_class(tmp_path: Path) -> None:
    paint(tmp_path / "train" / "a.png")
    paint(tmp_path / "plane" / "a.png")
    assert load(str(tmp_path)).class_names == ("plane", "train")


def test_a_folder_without_splits_has_no_test(tmp_path: Path) -> None:
    paint(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"has no test split; expected images in .*test"):
        load(str(tmp_path), split="test")
