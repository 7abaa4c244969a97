"""The journal of a run that was killed."""

from pathlib import Path

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
