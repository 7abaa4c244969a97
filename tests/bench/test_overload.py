"""Too much is asked for: what is measured of a real service, and what counts as wrong."""

import math
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer
import uvloop

from bench.client import Answer
from bench.contestants import ours
from bench.load import Asked, Load, judge, read
from bench.overload import Phase, honest, limited, main, measure, table
from bench.server import Server

REFUSAL = Answer(503, b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 3", b"full")


def refused(sent: float, seconds: float) -> Asked:
    return Asked(sent, 0.01, 503, retry_after=seconds)


def taken(sent: float, queued: float) -> Asked:
    return Asked(sent, queued, 200, queued=queued)


def test_what_an_answer_says_of_the_queue_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nserver-timing: queue;dur=61.5, compute;dur=0.9, encode;dur=0.1"
    assert read(Answer(200, head, b""), 0).queued == 0.0615
    assert read(REFUSAL, 0).retry_after == 3


@pytest.mark.parametrize(
    "wrong",
    [
        Answer(503, b"HTTP/1.1 503 Service Unavailable", b"no time to come back"),
        Answer(500, b"HTTP/1.1 500 Internal Server Error\r\nRetry-After: 3", b""),
        Answer(0, b"", b"ConnectionResetError"),
    ],
)
def test_only_images_and_refusals_with_a_time_are_right(wrong: Answer) -> None:
    assert judge(wrong)
    assert not judge(REFUSAL)
    assert not judge(Answer(200, b"", b""))


@pytest.mark.parametrize(
    ("said", "took", "share"),
    [(1, 0.05, 1), (1, 1.1, 1), (2, 1.1, 1), (3, 1.1, 0), (22, 2.5, 0), (10, 9, 1), (1, 9, 0)],
)
def test_a_time_to_come_back_is_held_to_what_the_next_one_waited(
    said: float, took: float, share: float
) -> None:
    assert honest([taken(0, 50), refused(1, said), taken(2, took)]) == share
    assert math.isnan(honest([taken(0, 1)]))


@pytest.mark.parametrize("fault", ["", "/healthz: 0"])
def test_the_program_fails_where_anything_is_wrong(
    fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measured(server: Server, load: Load, connections: int) -> dict[str, Phase]:
        faults = Counter([fault] if fault else [])
        probes: dict[str, list[float]] = {"/healthz": [], "/metrics": []}
        phase = Phase(load=load, asked=[], probes=probes, faults=faults, service=1, worker=1)
        return dict.fromkeys(("idle", "capacity", "20x"), phase)

    monkeypatch.setattr("bench.overload.measure", measured)
    with pytest.raises(typer.Exit) if fault else nullcontext():
        main()
    assert ("wrong, 3 times: /healthz: 0" in capsys.readouterr().err) == bool(fault)


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_service_under_too_much_refuses_and_still_answers_those_who_watch(served: Path) -> None:
    load = Load(model=served.stem, images=1, rate=math.inf, seconds=0.5, connections=64)
    phases = uvloop.run(measure(limited(ours(served), 64), load, 300))
    idle, full, beyond = phases.values()
    assert (idle.asked, len(full.good)) == ([], len(full.asked))
    assert beyond.load.rate == pytest.approx(20 * full.goodput)
    assert beyond.good
    assert len(beyond.good) + len(beyond.refused) == len(beyond.asked)
    assert beyond.refused
    for phase in phases.values():
        assert all(phase.probes.values())
        assert not phase.faults
        assert phase.service > 0
        assert phase.worker > 0
    assert "GET /healthz p99, ms" in table(phases)
