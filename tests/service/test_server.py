"""The real server in a process of its own: disconnects, draining, settings."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from bench.server import free_port
from service.app import create_app
from service.cli import warn_of_folders
from service.settings import Settings
from tests import zoo


class Server:
    """A running `ganforge serve`."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process = process
        self.port = port

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def post(self, **body: Any) -> bytes:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/generate", json.dumps(body).encode()
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def metric(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics"), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def comes_to(self, name: str, value: float) -> bool:
        """Wait for a metric: a request is counted when its answer is already on its way."""
        deadline = time.monotonic() + 30
        while (found := self.metric(name)) != value:
            assert time.monotonic() < deadline, f"{name} is {found}, expected {value}"
            time.sleep(0.05)
        return True


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """Start a server and wait until it is ready."""
    port = free_port()
    environment = {**os.environ, "GANFORGE_MODELS": str(folder), "GANFORGE_DEVICE": "cpu"}
    command = [sys.executable, "-m", "ganforge", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, env={**environment, **settings}, stderr=subprocess.PIPE, text=True
    ) as process:
        server = Server(process, port)
        try:
            wait_until(lambda: json.loads(server.get("/readyz"))["ready"], seconds=120)
            yield server
        finally:
            process.kill()
            process.communicate()


def wait_until(true: Any, seconds: float = 30) -> None:
    """Ask until it is true; a server that does not answer yet has not said so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come true in time")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of which a request can be large enough to be caught in the middle."""
    folder = tmp_path_factory.mktemp("slow")
    zoo.write(folder, zoo.card("slow", size=64))
    return folder


@pytest.fixture(scope="module")
def server(slow: Path) -> Iterator[Server]:
    with serving(slow, GANFORGE_MAX_BATCH="4", GANFORGE_MAX_IMAGES="100000",
                 GANFORGE_QUEUE_IMAGES="200") as server:  # fmt: skip
        yield server


def send(server: Server, **body: Any) -> socket.socket:
    """Send a request and do not wait for its answer."""
    content = json.dumps(body).encode()
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    connection.sendall(head.encode() + content)
    return connection


def test_12_who_leaves_is_dropped_and_counted(server: Server) -> None:
    images = server.metric('ganforge_images_total{model="slow"}')
    with send(server, model="slow", n=50_000, format="json"):
        wait_until(lambda: server.metric("ganforge_queue_images") > 0)
    wait_until(lambda: server.metric("ganforge_queue_images") == 0)
    assert server.comes_to('ganforge_cancelled_total{stage="queued"}', 1)
    assert server.comes_to('ganforge_requests_total{code="499",model="slow",route="/generate"}', 1)
    assert server.comes_to('ganforge_images_total{model="slow"}', images)
    assert server.post(model="slow", seed=1)[:4] == b"\x89PNG"


def test_14_a_full_queue_is_503_with_a_time_to_come_back(server: Server) -> None:
    with send(server, model="slow", n=50_000, format="json"):
        wait_until(lambda: server.metric("ganforge_queue_images") > 200)
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.post(model="slow")
        assert refused.value.code == 503
        assert int(refused.value.headers["retry-after"]) >= 1
        assert "the queue holds 200" in refused.value.read().decode()
        assert json.loads(server.get("/healthz")) == {"status": "ok"}
    wait_until(lambda: server.metric("ganforge_queue_images") == 0)


LONG = {"model": "slow", "n": 400, "seed": 1, "format": "npy"}


def ask_meanwhile(server: Server, answers: list[bytes]) -> threading.Thread:
    """Ask for what takes long, and return when some of it is waiting."""
    thread = threading.Thread(target=lambda: answers.append(server.post(**LONG)))
    thread.start()
    wait_until(lambda: server.metric("ganforge_queue_images") > 0)
    return thread


def test_16_sigterm_finishes_what_was_accepted(slow: Path) -> None:
    answers: list[bytes] = []
    with serving(slow, GANFORGE_MAX_BATCH="4") as server:
        expected = server.post(**LONG)
        ask = ask_meanwhile(server, answers)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0
        ask.join()
    assert answers == [expected]


def test_a_body_that_does_not_come_is_not_waited_for(slow: Path) -> None:
    with serving(slow, GANFORGE_BODY_SECONDS="0.5") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            client.sendall(b"POST /generate HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{")
            server.process.send_signal(signal.SIGTERM)
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 408 ")
        assert server.process.wait(timeout=60) == 0
        assert server.process.stderr is not None
        assert "Traceback" not in server.process.stderr.read()


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_worker_that_hangs_is_replaced(slow: Path) -> None:
    with serving(slow, GANFORGE_BATCH_SECONDS="3") as server:
        expected = server.post(model="slow", seed=1)
        os.kill(worker_of(server), signal.SIGSTOP)
        assert server.post(model="slow", seed=1) == expected


def test_head_and_body_of_an_answer_come_together(server: Server) -> None:
    with send(server, model="slow", seed=1) as connection:
        head, _, body = connection.recv(1 << 16).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body.endswith(b"IEND\xaeB`\x82")


def worker_of(server: Server) -> int:
    """Find the process that computes for a server."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    workers = [
        int(pid)
        for pid in children.read_text().split()
        if b"service.engine.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(workers) == 1
    return workers[0]


@contextmanager
def paused(worker: int) -> Iterator[None]:
    """Let a process do nothing for a while, and go on then."""
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_16_sigterm_under_load_fails_no_request(slow: Path) -> None:
    """One is computed and many wait, none of which can be done before the signal comes."""
    with serving(slow, GANFORGE_MAX_BATCH="4") as server:
        expected = server.post(model="slow", seed=1)
        with ExitStack() as open_ones:
            with paused(worker_of(server)):
                clients = [
                    open_ones.enter_context(send(server, model="slow", seed=1)) for _ in range(48)
                ]
                wait_until(lambda: server.metric("ganforge_in_flight_requests") == 49)
                server.process.send_signal(signal.SIGTERM)
                wait_until(lambda: refuses(server))
            answers = [b"".join(iter(lambda c=c: c.recv(1 << 16), b"")) for c in clients]  # type: ignore[misc]
        assert server.process.wait(timeout=60) == 0
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert body == expected


def refuses(server: Server) -> bool:
    """Say whether a server takes no more connections."""
    try:
        with socket.create_connection(("127.0.0.1", server.port)):
            return False
    except ConnectionRefusedError:
        return True


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_17_a_killed_worker_is_replaced_and_what_it_computed_is_not_lost(slow: Path) -> None:
    answers: list[bytes] = []
    with serving(slow, GANFORGE_MAX_BATCH="4") as server:
        expected = server.post(**LONG)
        ask = ask_meanwhile(server, answers)
        os.kill(worker_of(server), signal.SIGKILL)
        assert json.loads(server.get("/healthz")) == {"status": "ok"}
        ask.join()
    assert answers == [expected]


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_the_worker_does_not_outlive_the_service(slow: Path) -> None:
    with serving(slow) as server:
        worker = worker_of(server)
        server.process.kill()
        wait_until(lambda: not Path(f"/proc/{worker}").exists() or is_zombie(worker))


def is_zombie(pid: int) -> bool:
    return ") Z" in Path(f"/proc/{pid}/stat").read_text()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("GANFORGE_PORT", "eighty", "GANFORGE_PORT: Input should be a valid integer"),
        ("GANFORGE_MAX_BATCH", "0", "GANFORGE_MAX_BATCH: Input should be greater than or equal"),
        ("GANFORGE_THREADS", "100000", "GANFORGE_THREADS: Input should be less than or equal"),
        ("GANFORGE_GRACE_SECONDS", "inf", "GANFORGE_GRACE_SECONDS: Input should be a finite"),
        ("GANFORGE_DEVICE", "tpu", "GANFORGE_DEVICE: Value error, expected auto, cpu, cuda or"),
        ("GANFORGE_DEVICE", "cuda:99", "device 'cuda:99' cannot be used"),
        ("GANFORGE_DEVICE", "cpu,cpu", "2 are named, GANFORGE_WORKERS is 1"),
    ],
)
def test_a_wrong_setting_is_one_line(variable: str, value: str, message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ganforge", "serve"],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--port", "99999", "--port: Input should be less than 65536 (found '99999')"),
        ("--workers", "0", "--workers: Input should be greater than or equal to 1 (found '0')"),
        (
            "--device",
            "tpu",
            "--device: Value error, expected auto, cpu, cuda or cuda:N (found 'tpu')",
        ),
        (
            "--device",
            "meta",
            "--device: Value error, expected auto, cpu, cuda or cuda:N (found 'meta')",
        ),
    ],
)
def test_a_wrong_option_is_named_as_it_was_given(option: str, value: str, message: str) -> None:
    """And before anything is listened on."""
    done = subprocess.run(
        [sys.executable, "-m", "ganforge", "serve", option, value],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, f"ganforge: {message}\n")


def test_a_folder_of_models_that_is_not_there_is_warned_of_and_may_come(
    slow: Path, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    folders = {"GANFORGE_MODELS": f"{slow}{os.pathsep}{late}", "GANFORGE_POLL_SECONDS": "0.1"}
    with serving(slow, **folders) as server:
        late.mkdir()
        zoo.write(late, zoo.card("late"))
        wait_until(lambda: json.loads(server.get("/readyz"))["models"] == ["late", "slow"])
        server.process.terminate()
        assert server.process.stderr is not None
        (warning,) = [line for line in server.process.stderr if "WARNING" in line]
    assert f"GANFORGE_MODELS: found no such folder as {late}, expected" in warning


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_log_says_where_it_is_ready(slow: Path, workers: str) -> None:
    """Also where it took a free port, and once all models are loaded."""
    with subprocess.Popen(
        [sys.executable, "-m", "ganforge", "serve", "--port", "0", "--workers", workers],
        env={**os.environ, "GANFORGE_MODELS": str(slow), "GANFORGE_HOST": "0.0.0.0"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            while not any("startup complete" in line for line in said):
                said.append(process.stderr.readline())
            (port, *_) = re.findall(r": ready: http://127\.0\.0\.1:(\d+), 1 models", "".join(said))
            assert any("serving slow, " in line for line in said)
            server = Server(process, int(port))
            wait_until(lambda: json.loads(server.get("/readyz"))["ready"])
        finally:
            process.terminate()
            process.stderr.read()


def test_a_server_without_models_does_not_say_that_it_is_ready(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with TestClient(create_app(Settings(models=(tmp_path,), host="::", device="cpu"))):
        assert "not ready: http://[::1]:8000, 0 models" in caplog.text


def test_a_folder_that_nobody_named_need_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GANFORGE_MODELS", raising=False)
    warn_of_folders(Settings())
    assert caplog.text == ""
    warn_of_folders(Settings(models=(tmp_path / "none",)))
    assert str(tmp_path / "none") in caplog.text


def test_a_port_that_is_taken_is_found_before_the_models_are_read(slow: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        for workers in ("1", "2"):
            done = subprocess.run(
                [sys.executable, "-m", "ganforge", "serve", "--port", port, "--workers", workers],
                env={**os.environ, "GANFORGE_MODELS": str(slow)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1
            assert f"cannot listen on 127.0.0.1, port {port}" in done.stderr
            assert "loading" not in done.stderr


def test_02_same_bytes_after_a_restart(slow: Path) -> None:
    answers = []
    for _ in range(2):
        with serving(slow) as server:
            answers.append(server.post(model="slow", seed=7, n=5, format="npy"))
    assert answers[0] == answers[1]
