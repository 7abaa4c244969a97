"""Fixed rates: what is read from answers, and a short run of a real service."""

import math
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer

from bench.load import Asked, Load
from bench.rates import Point, main, measure, server, subject, table, taken

LOAD = Load(model="acgan", images=1, rate=100, seconds=1, connections=1, deadline=50)


def point(*asked: Asked, **faults: int) -> Point:
    return Point(share=50, load=LOAD, asked=asked, faults=Counter(faults))


def test_time_counts_from_when_a_request_was_due() -> None:
    late = Asked(0, 0.02, 200, late=0.04)
    assert taken(late) == pytest.approx(0.06)
    found = point(late, Asked(1, 1, 200))
    assert found.latency(0.5) == pytest.approx(60)


def test_in_time_is_what_came_within_the_deadline() -> None:
    soon, late = Asked(0, 0.05, 200), Asked(0.95, 0.04, 200, late=0.02)
    found = point(soon, late, Asked(2, 0.01, 503, retry_after=1), Asked(2, 0.05, 504))
    assert found.in_time == pytest.approx(1 / 0.99)
    assert found.refused == 0.5


def test_of_nothing_answered_there_are_no_latencies() -> None:
    (line,) = table([point(Asked(0, 0.01, 503, retry_after=1))]).splitlines()[1:]
    assert line.split() == ["50", "%", "100", "0", "0", "100.00", "%", "-", "-", "-", "0"]
    assert math.isnan(point().refused)


@pytest.mark.parametrize("faults", [{}, {"500 b'bug'": 3}])
def test_the_program_fails_where_anything_is_wrong(
    faults: dict[str, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bench.rates.measure", lambda *_: [point(Asked(0, 0.01, 200), **faults)])
    with pytest.raises(typer.Exit) if faults else nullcontext():
        main(plot=tmp_path / "plot.png")
    said = capsys.readouterr()
    assert "capacity 200 requests/s" in said.out
    assert ("wrong, 3 times: 500 b'bug'" in said.err) == bool(faults)
    assert (tmp_path / "plot.png").exists()


@pytest.mark.parametrize(("name", "size"), [("dcgan", 0), ("acgan", 32)])
def test_any_model_of_any_size_is_asked_at_shares_of_its_capacity(
    name: str, size: int, served: Path
) -> None:
    with subject(served.with_name(f"{name}.safetensors"), size) as path:
        low, half = measure(server(path), path.stem, [5, 10], 0.3, 5000)
    assert half.load.rate == pytest.approx(2 * low.load.rate)
    for found in (low, half):
        assert found.asked
        assert not found.faults
        assert not found.refused
