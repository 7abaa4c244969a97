"""The journal of a run that was killed."""

from pathlib import Path

import pytest

from training.config import ConfigError
from training.journal import Journal


def test_a_resumed_run_forgets_what_came_after_its_snapshot(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    first = Journal(file, 0)
    for step in (50, 100, 150):
        first.add({"step": step, "seconds": step / 10, "d/real": 0.5})
    again = Journal(file, 120)
    assert [line["step"] for line in again.read()] == [50, 100]
    assert again.seconds == 10
    again.add({"step": 150, "seconds": 15.0, "d/real": 0.4})
    assert [line["step"] for line in Journal(file, 150).read()] == [50, 100, 150]


def test_a_line_that_a_kill_has_cut_is_no_line(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    file.write_text('{"step": 50, "seconds": 1.0}\n{"step": 100, "sec')
    journal = Journal(file, 50)
    assert [line["step"] for line in journal.read()] == [50]
    assert journal.seconds == 1
    assert file.read_text().endswith("\n")


@pytest.mark.parametrize(
    "torn", [b'{"step": 100, "sec', b"\xff\xfe", b"\0" * 20, b'{"step": 100, "seconds": 2.0}']
)
def test_whatever_a_crash_has_left_of_the_last_line_is_cut_off(torn: bytes, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    whole = b'{"step": 50, "seconds": 1.0}\n'
    file.write_bytes(whole + torn)
    assert [line["step"] for line in Journal(file, 100).read()] == [50]
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"",
        b"[]",
        b"null",
        b'{"step": 100, "sec',
        b"\xff\xfe",
        b'{"step": "1", "seconds": 2}',
    ],
)
def test_a_damaged_line_is_named_with_what_to_do(line: bytes, tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    content = b'{"step": 50, "seconds": 1.0}\n' + line + b'\n{"step": 150, "seconds": 3.0}\n'
    file.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        Journal(file, 50)
    assert str(error.value).startswith(f"{file}, line 2 is damaged: found ")
    assert str(error.value).endswith("delete the line, or give another --out")
    assert file.read_bytes() == content
