"""Several services on one port: one set of metrics, one quota, one admin; one may die."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.server import free_port
from service.gate import digest_of, new_key
from service.settings import Settings
from tests import zoo
from tests.service.test_server import LONG, Server, ask_meanwhile, paused, serving, wait_until

WORKERS = 4
KEY, ADMIN = new_key(), new_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet")
    zoo.write(path, zoo.card("plain"))
    zoo.write(path, zoo.card("other", channels=3))
    return path


@pytest.fixture(scope="module")
def fleet(folder: Path) -> Iterator[Server]:
    with serving(folder, GANFORGE_WORKERS=str(WORKERS), GANFORGE_MAX_BATCH="2") as server:
        yield server


def members(server: Server) -> list[int]:
    """Find the processes that listen: children of the first which have a child themselves."""
    found = subprocess.run(
        ["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=True
    )
    return [pid for pid in map(int, found.stdout.split()) if children(pid)]


def children(pid: int) -> str:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


def ask(server: Server, **body: Any) -> int:
    """Ask until it is answered: a connection to one who has just died is lost with them."""
    for _ in range(20):
        with suppress(OSError):
            return len(server.post(**body))
    raise AssertionError("nobody answered")


def counters(server: Server) -> dict[tuple[str, str], float]:
    """Parse the metrics, which have to be valid, and keep what may only grow."""
    families = text_string_to_metric_families(server.get("/metrics"))
    return {
        (sample.name, str(sorted(sample.labels.items()))): sample.value
        for family in families
        if family.type in ("counter", "histogram")
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_29_the_metrics_are_those_of_all(fleet: Server) -> None:
    """SERVING.md, test 29: sums are the client's counts, and no path becomes a label."""
    wait_until(lambda: len(members(fleet)) == WORKERS)
    images = 'ganforge_images_total{model="plain"}'
    before = fleet.metric(images)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda seed: fleet.post(model="plain", n=3, seed=seed), range(200)))
    assert fleet.comes_to(images, before + 600)

    def lost(number: int) -> None:
        with pytest.raises(urllib.error.HTTPError):
            fleet.get(f"/path/{number}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lost, range(10_000)))
    text = fleet.get("/metrics")
    assert "path/" not in text
    unknown = 'ganforge_requests_total{code="404",model="_unknown",route="_unknown"}'
    assert fleet.comes_to(unknown, 10_000)
    assert fleet.comes_to("ganforge_in_flight_requests", 1)
    assert fleet.comes_to('ganforge_model_ready{model="plain"}', 1)


def test_one_who_is_held_up_keeps_its_place(fleet: Server) -> None:
    """uvicorn's own patience is 5 seconds, which a busy machine can take from anyone."""
    wait_until(lambda: len(members(fleet)) == WORKERS)
    before = members(fleet)
    with paused(before[0]):
        time.sleep(7)
    time.sleep(1)  # the others are looked after again
    assert members(fleet) == before


def test_29_counters_only_grow_when_one_dies_and_is_replaced(fleet: Server) -> None:
    wait_until(lambda: len(members(fleet)) == WORKERS)
    for seed in range(40):
        ask(fleet, model="plain", seed=seed)
    before, alive = counters(fleet), members(fleet)
    os.kill(alive[0], signal.SIGKILL)
    wait_until(lambda: len(members(fleet)) == WORKERS and alive[0] not in members(fleet))
    for seed in range(40):
        ask(fleet, model="plain", seed=seed)
    after = counters(fleet)
    assert [name for name, value in before.items() if after.get(name, 0.0) < value] == []
    name = ("ganforge_images_total", "[('model', 'plain')]")
    assert after[name] - before[name] == 40
    assert fleet.comes_to("ganforge_in_flight_requests", 1)


def test_02_the_same_seed_is_the_same_image_whoever_answers(fleet: Server) -> None:
    """A request's name begins with what the process that answers it has drawn for itself."""
    found: set[tuple[str, bytes]] = set()

    def answer(_: int) -> tuple[str, bytes]:
        body = json.dumps({"model": "other", "seed": 4}).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{fleet.port}/generate", body) as answer:
            return answer.headers["x-request-id"].partition("-")[0], answer.read()

    def two_have_answered() -> bool:
        with ThreadPoolExecutor(8) as pool:
            found.update(pool.map(answer, range(40)))
        return len({process for process, _ in found}) > 1

    wait_until(two_have_answered)
    assert len({image for _, image in found}) == 1


def order(server: Server, path: str) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/admin/{path}",
        b"",
        {"Authorization": f"Bearer {ADMIN}"},
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def codes(server: Server, model: str) -> set[int]:
    """Ask all of the fleet, as far as chance has it."""

    def code(_: int) -> int:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/generate",
            json.dumps({"model": model}).encode(),
            {"Authorization": f"Bearer {KEY}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(code, range(40)))


def test_what_an_admin_tells_one_all_do(folder: Path) -> None:
    keys = {"GANFORGE_API_KEYS": f"me:{digest_of(KEY)}", "GANFORGE_ADMIN_KEY": digest_of(ADMIN)}
    with serving(folder, GANFORGE_WORKERS="3", **keys) as server:
        wait_until(lambda: len(members(server)) == 3)
        assert codes(server, "other") == {200}
        order(server, "models/other/unload")
        wait_until(lambda: codes(server, "other") == {404})
        os.kill(members(server)[0], signal.SIGKILL)  # who takes its place knows of it
        wait_until(lambda: len(members(server)) == 3 and codes(server, "other") == {404})
        order(server, "models/other/load")
        wait_until(lambda: codes(server, "other") == {200})


def test_15_a_quota_is_that_of_all_together(folder: Path) -> None:
    keys = {"GANFORGE_API_KEYS": f"me:{digest_of(KEY)}", "GANFORGE_KEY_IMAGES_PER_MINUTE": "30"}
    with serving(folder, GANFORGE_WORKERS="3", **keys) as server:
        wait_until(lambda: len(members(server)) == 3)
        assert codes(server, "plain") == {200, 429}
        served = server.metric('ganforge_images_total{model="plain"}')
        assert 30 <= served <= 32, "thirty, and what a second or two gives back"


def test_16_sigterm_finishes_what_each_has_accepted(tmp_path: Path) -> None:
    zoo.write(tmp_path, zoo.card("slow", size=64))
    answers: list[bytes] = []
    with serving(tmp_path, GANFORGE_WORKERS="2", GANFORGE_MAX_BATCH="4") as server:
        expected = server.post(**LONG)
        waiting = ask_meanwhile(server, answers)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0
        waiting.join()
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()
    assert answers == [expected]


def test_each_device_has_a_worker_and_one_that_comes_later_takes_the_place_that_is_free(
    tmp_path: Path,
) -> None:
    script = "import sys; from pathlib import Path; from service.fleet import claim; "
    script += "print(claim(Path(sys.argv[1])), flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(tmp_path / "places")]

    def begin() -> "subprocess.Popen[str]":
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    with begin() as one, begin() as two:
        assert one.stdout is not None
        assert two.stdout is not None
        first, second = one.stdout.readline(), two.stdout.readline()
        assert {first, second} == {"0\n", "1\n"}
        one.kill()
        one.wait()
        with begin() as three:
            assert three.stdout is not None
            assert three.stdout.readline() == first
            three.communicate("")
        two.communicate("")


def test_devices_that_nobody_would_use_are_refused() -> None:
    assert Settings(device="cuda:0, cuda:1", workers=2).devices == ["cuda:0", "cuda:1"]
    with pytest.raises(ValueError, match="3 are named, GANFORGE_WORKERS is 2"):
        Settings(device="cuda:0,cuda:1,cpu", workers=2)


def test_a_fleet_that_cannot_serve_says_why_and_ends(folder: Path) -> None:
    port = str(free_port())
    command = [sys.executable, "-m", "ganforge", "serve", "--port", port, "--workers", "2"]
    environment = {**os.environ, "GANFORGE_MODELS": str(folder)}
    done = subprocess.run(
        [*command, "--device", "cuda:99"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert re.search("device 'cuda:99' cannot be used", done.stderr)
