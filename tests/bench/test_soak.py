"""The soak: what it calls a fault, and a short one of a real service."""

import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import typer
import uvloop

from bench import soak
from bench.client import Answer, Client, post
from bench.soak import Plan, Record, counts, measure, slope, staged, tracebacks, trend
from bench.trouble import STEPS, Paces, Scene, kill
from bench.verdicts import Verdicts

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
PACES = Paces(reload=0.1, step=0.1, leaver=0.1, hostile=0.01)
BUSY = Answer(503, b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1", b"")
GOOD = Answer(200, b"HTTP/1.1 200 OK\r\nx-model-digest: abc", b"image")


@pytest.mark.parametrize(
    "answer", [Answer(500, b"", b"bug"), Answer(0, b"", b"ConnectionResetError"), BUSY]
)
def test_what_nobody_deserved_is_a_fault(answer: Answer) -> None:
    verdicts = Verdicts()
    verdicts.hear("images", answer, {200})
    assert verdicts.wrong() == {"images": 1}


def test_a_refusal_is_forgiven_until_there_is_a_new_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.verdicts.LAST_WORDS", 0)
    verdicts = Verdicts()
    verdicts.killed()
    verdicts.hear("images", BUSY, {200})
    verdicts.hear("images", Answer(503, b"HTTP/1.1 503", b"when?"), {200})
    assert (verdicts.forgiven["images"], verdicts.wrong()) == (1, {"images": 1})
    verdicts.see("images", b"", GOOD, {200})
    verdicts.hear("images", BUSY, {200})
    assert (verdicts.forgiven["images"], verdicts.wrong()) == (1, {"images": 2})


def test_other_bytes_of_the_same_image_are_a_fault_and_of_other_weights_are_none() -> None:
    verdicts = Verdicts()
    others = GOOD._replace(head=GOOD.head.replace(b"abc", b"def"), body=b"another")
    for answer in (GOOD, GOOD, others):
        verdicts.see("images", b"ask", answer, {200})
    assert not verdicts.faults
    verdicts.see("images", b"ask", GOOD._replace(body=b"imagf"), {200})
    assert verdicts.faults == {"images: other bytes than the first time": 1}


def test_faults_stand_beside_what_was_asked() -> None:
    verdicts = Verdicts()
    verdicts.hear("images", GOOD, {200})
    verdicts.fault("log", "KeyError: 'x'")
    rows = [line.split() for line in counts(verdicts).splitlines()[1:]]
    assert rows == [["images", "1", "0", "0"], ["log", "0", "0", "1"]]


def test_a_series_is_summed_up_from_its_first_value_to_its_slope() -> None:
    looks = [(360.0 * i, {"service, MiB": 70.0 + i}) for i in range(11)]
    assert trend(looks).splitlines()[1].split()[2:] == ["70.0", "75.0", "80.0", "+10.0"]
    assert slope([0, 1800, 3600], [5, 5, 5]) == 0


def test_each_error_of_the_log_is_found() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1\n    x\nKeyError: 3\n'
    assert tracebacks(f"INFO all is well\n{trace}INFO and on\n{trace}") == ["KeyError: 3"] * 2


@pytest.mark.parametrize("status", [200, 500])
def test_the_program_fails_where_an_answer_was_not_deserved(
    status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = Verdicts()
    verdicts.hear("images", Answer(status, b"", b"bug"), {200})
    record = Record(capacity=1, looks=[(0.0, {"threads": 1.0})], verdicts=verdicts)
    monkeypatch.setattr(soak, "soak", lambda *_: record)
    with nullcontext() if status == 200 else pytest.raises(typer.Exit):
        soak.main()
    assert ("unexpected, 1 times: images: 500 bug" in capsys.readouterr().err) == (status == 500)


@pytest.fixture(scope="module")
def scene(served: Path) -> Iterator[Scene]:
    with staged(served, PACES) as scene:
        yield scene


@LINUX
def test_every_step_and_a_killed_worker_leave_the_service_as_it_was(scene: Scene) -> None:
    async def steps() -> int:
        for step in STEPS:
            await step(scene)
        await kill(scene, again=False)
        with closing(Client(scene.running.port)) as client:
            return (await client.ask(post("/generate", {"model": "acgan"}))).status

    assert uvloop.run(steps()) == 200
    assert scene.verdicts.faults == {}
    assert scene.verdicts.asked == {"files": len(STEPS), "workers killed": 1}


@LINUX
def test_32_a_short_soak_finds_no_fault(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak, "CALM", 0.5)
    calm = replace(scene, paces=replace(PACES, step=10), verdicts=Verdicts())
    record = uvloop.run(measure(calm, Plan(capacity=0.3, seconds=1, sample=0.2)))
    assert record.verdicts.faults == {}
    assert {"images", "visitor", "hostile"} <= set(record.verdicts.asked)
    assert {"service, MiB", "descriptors", "threads"} <= set(record.looks[0][1])
