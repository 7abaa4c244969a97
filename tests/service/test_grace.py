"""SIGTERM: first the service says that it is not ready, then it stops to listen, then it ends."""

import http.client
import json
import signal
import threading
import time
import urllib.error
from pathlib import Path

import pytest

from tests import zoo
from tests.service.test_server import Server, refuses, serving, wait_until

GRACE = "1.5"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("grace")
    zoo.write(path, zoo.card("plain"))
    return path


def unready(server: Server) -> bool:
    try:
        server.get("/readyz")
    except urllib.error.HTTPError as error:
        return error.code == 503
    return False


def test_16_it_is_not_ready_but_accepts_until_the_grace_is_over(folder: Path) -> None:
    with serving(folder, GANFORGE_GRACE_SECONDS=GRACE) as server:
        expected = server.post(model="plain", seed=1)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: unready(server))
        assert server.post(model="plain", seed=1) == expected
        assert json.loads(server.get("/healthz")) == {"status": "ok"}
        wait_until(lambda: refuses(server))
        assert server.process.wait(timeout=60) == 0


def test_16_a_second_signal_ends_the_wait(folder: Path) -> None:
    with serving(folder, GANFORGE_GRACE_SECONDS="300") as server:
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: unready(server))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=60) == 0


class Asker(threading.Thread):
    """Asks on one connection, or on another after one that was closed as announced."""

    def __init__(self, port: int, host: str = "127.0.0.1", model: str = "plain") -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection(host, port, timeout=30)
        self.body = json.dumps({"model": model})
        self.answers: list[int] = []
        self.lost: list[str] = []
        self.ended = 0.0

    def run(self) -> None:
        while self.connect():
            first, closing = True, False
            while not closing:
                try:
                    closing = self.ask()
                except (OSError, http.client.HTTPException) as error:
                    self.ended = time.monotonic()
                    self.connection.close()
                    if not first:
                        self.lost.append(repr(error))
                    return  # the listener closed before it accepted this connection
                first = False
            self.connection.close()

    def connect(self) -> bool:
        try:
            self.connection.connect()
        except OSError:  # refused, or its host is gone
            self.ended = time.monotonic()
            self.connection.close()
            return False
        return True

    def ask(self) -> bool:
        """Ask once, and return whether the connection is closed now."""
        self.connection.request("POST", "/generate", self.body)
        answer = self.connection.getresponse()
        answer.read()
        self.answers.append(answer.status)
        return answer.will_close


@pytest.mark.parametrize("workers", ["1", "2"])
def test_16_who_keeps_asking_on_one_connection_loses_no_request(folder: Path, workers: str) -> None:
    with serving(folder, GANFORGE_GRACE_SECONDS=GRACE, GANFORGE_WORKERS=workers) as server:
        askers = [Asker(server.port) for _ in range(8)]
        for asker in askers:
            asker.start()
        wait_until(lambda: all(asker.answers for asker in askers))
        signalled = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for asker in askers:
            asker.join()
        assert server.process.wait(timeout=60) == 0
    assert [asker.lost for asker in askers] == [[]] * 8
    assert {status for asker in askers for status in asker.answers} == {200}
    assert min(asker.ended for asker in askers) - signalled >= float(GRACE)
