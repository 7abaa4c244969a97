"""The example of docs/large-label-spaces.md, on Latin letters: a font for them is always there."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from examples import glyphs
from tests.training.evaluate.puppets import drawn_by_class
from training.data import DataSet, load

TYPEFACES = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FONTS = [TYPEFACES / "DejaVuSans.ttf", TYPEFACES / "DejaVuSerif.ttf"]
LETTERS = "AgWi"


def drawn(folder: Path, characters: str = LETTERS, seed: int = 0) -> dict[str, bytes]:
    """Render letters and return the files, by their place in the folder."""
    lacking = glyphs.render(folder, characters, FONTS, size=32, jitters=3, seed=seed)
    assert lacking == {"DejaVuSans": "", "DejaVuSerif": ""}
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*")}


def pixels(data: DataSet) -> list[bytes]:
    return [image.numpy().tobytes() for image in data.images]


def test_a_character_is_a_folder_with_each_font_moved_a_few_times(tmp_path: Path) -> None:
    names = {f"{font.stem}-{number}.png" for font in FONTS for number in range(3)}
    assert drawn(tmp_path).keys() == {f"{letter}/{name}" for letter in LETTERS for name in names}


def test_pictures_are_white_on_black_and_the_first_is_in_the_middle(tmp_path: Path) -> None:
    drawn(tmp_path)
    for path in tmp_path.glob("*/*.png"):
        with Image.open(path) as picture:
            assert (picture.mode, picture.size) == ("L", (32, 32))
            assert np.asarray(picture).max() > 200
            left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
        assert min(left, top, 32 - right, 32 - bottom) > 0, f"{path} is cut off"
        if path.stem.endswith("-0"):
            assert max(abs(left + right - 32), abs(top + bottom - 32)) <= 1


def test_no_two_pictures_are_the_same(tmp_path: Path) -> None:
    drawn(tmp_path)
    data = load(str(tmp_path), size=32)
    assert len(set(pixels(data))) == len(data)


def test_a_picture_depends_on_the_seed_and_on_no_other_picture(tmp_path: Path) -> None:
    all_ = drawn(tmp_path / "all")
    assert drawn(tmp_path / "again") == all_
    one = drawn(tmp_path / "one", "W")
    assert one == {name: all_[name] for name in one}
    other = drawn(tmp_path / "other", seed=1)
    assert {name for name in all_ if other[name] == all_[name]} == {
        name for name in all_ if name.endswith("-0.png")
    }


def test_the_folder_loader_reads_it(tmp_path: Path) -> None:
    drawn(tmp_path)
    data = load(str(tmp_path), size=32)
    assert data.class_names == tuple(sorted(LETTERS))
    assert data.images.shape == (24, 1, 32, 32)
    assert data.labels is not None
    assert data.labels.bincount().tolist() == [6, 6, 6, 6]
    with Image.open(tmp_path / "A" / "DejaVuSans-0.png") as picture:
        assert np.array_equal(data.images[0, 0].numpy(), np.asarray(picture))


def test_a_font_is_skipped_for_what_it_lacks(tmp_path: Path) -> None:
    lacking = glyphs.render(tmp_path, "A永", FONTS[:1], size=32, jitters=1, seed=0)
    assert lacking == {"DejaVuSans": "永"}
    assert [path.name for path in tmp_path.iterdir()] == ["A"]
    (line,) = glyphs.account(lacking, 2)
    assert line.startswith("DejaVuSans lacks 1 of 2 characters: 永; is it")
    assert not list(glyphs.account({"DejaVuSans": ""}, 2))


def test_a_font_without_any_of_the_characters_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(glyphs.GlyphError, match=r"no font has any .* DejaVuSans"):
        glyphs.render(tmp_path, "永", FONTS[:1], size=32, jitters=1, seed=0)


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ttf"
    wrong.write_bytes(b"not a font")
    with pytest.raises(glyphs.GlyphError, match=r"wrong\.ttf: .*; expected a TrueType"):
        glyphs.render(tmp_path / "out", "A", [wrong], size=32, jitters=1, seed=0)


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    drawn(tmp_path)
    with pytest.raises(glyphs.GlyphError, match="is not empty"):
        glyphs.render(tmp_path, "B", FONTS, size=32, jitters=1, seed=0)


def test_without_fonts_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(glyphs.GlyphError, match=r"apt-get install fonts-.* --font"):
        glyphs.installed(tmp_path)


def test_the_characters_are_those_of_gb_2312() -> None:
    every = glyphs.gb2312(glyphs.LEVEL_1)
    assert (every[0], every[-1], len(set(every))) == ("啊", "座", 3755)
    assert glyphs.gb2312(100) == every[:100]


def test_agreement_counts_the_pictures_of_the_right_character(tmp_path: Path) -> None:
    drawn(tmp_path / "letters")
    data = load(str(tmp_path / "letters"), size=32, channels=1)
    upright = data.images[::6]
    for turn, share in ((0, 1.0), (1, 0.0)):
        images = upright.roll(turn, 0)
        gan = drawn_by_class(tmp_path / f"{turn}.safetensors", images, data.class_names)
        assert glyphs.agreement(gan, data, 2) == share
    assert glyphs.leave_one_out(data, 6) == 1.0


def test_the_commands_print_and_draw(tmp_path: Path) -> None:
    drawn(tmp_path / "letters")
    data = load(str(tmp_path / "letters"), size=32, channels=1)
    model, folder = str(tmp_path / "letters.safetensors"), str(tmp_path / "letters")
    drawn_by_class(Path(model), data.images[::6], data.class_names)
    run = CliRunner().invoke(glyphs.app, ["agreement", model, folder])
    assert run.output.count("100.00%") == 2, run.output
    words = ["picture", model, folder, str(tmp_path / "out.png"), "--columns", "4", "--rows", "2"]
    assert CliRunner().invoke(glyphs.app, words).exit_code == 0
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == (4 * 32 * 2, (4 * 32 + 2) * 2)


def test_a_model_of_other_characters_is_refused(tmp_path: Path) -> None:
    drawn(tmp_path / "letters")
    names = ("A", "B")
    images = torch.zeros(2, 1, 32, 32, dtype=torch.uint8)
    gan = drawn_by_class(tmp_path / "other.safetensors", images, names)
    with pytest.raises(glyphs.GlyphError, match="give the folder that it learnt from"):
        glyphs.pictures(gan, tmp_path / "letters")
