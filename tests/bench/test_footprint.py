import sys
from pathlib import Path

import pytest

from bench.contestants import ours
from bench.footprint import Memory, Start, Turn, began, compare, start, throughput

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


def test_of_several_starts_the_median_is_shown() -> None:
    starts = [Start(seconds, Memory(60, 400)) for seconds in (4.0, 9.0, 3.0)]
    assert began(starts).splitlines()[-1].split() == ["median", "4", "60", "400"]


def test_the_ratio_is_that_of_each_turn() -> None:
    turns = [Turn(50, 100), Turn(80, 100), Turn(30, 30)]
    lines = throughput(turns, Memory(70, 410)).splitlines()
    assert lines[2].split() == ["turn", "2", "80", "100", "0.800"]
    assert lines[4].split() == ["median", "50", "100", "0.800"]
    assert lines[-1] == "after it: service 70 MiB, worker 410 MiB"


@LINUX
def test_a_start_is_measured_until_it_is_ready(served: Path) -> None:
    found = start(ours(served))
    assert found.seconds > 0
    assert 0 < found.memory.service < found.memory.worker


@LINUX
def test_service_and_network_take_turns(served: Path) -> None:
    (turn,), memory = compare(ours(served), served, 1, 0.5)
    assert turn.served > 0
    assert turn.alone > 0
    assert memory.worker > 0
