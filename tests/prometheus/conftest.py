"""A real Prometheus that looks at the real service, of which much is asked."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from bench.server import free_port
from tests import zoo
from tests.prometheus.expressions import ALERTS, CONFIG, ROOT
from tests.prometheus.visitors import ask, visited
from tests.service.test_server import Server, serving, wait_until
from tests.service.test_sick import SICK

ROOM = 6
DIGITS = tuple("0123456789")
NARROW = {"GANFORGE_MAX_BATCH": "8", "GANFORGE_MAX_IMAGES": "50000", "GANFORGE_QUEUE_IMAGES": "64"}


class Prometheus:
    """A running one."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **parameters: str) -> Any:
        """Ask its API, and return the data."""
        query = urllib.parse.urlencode(parameters)
        address = f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return json.load(answer)["data"]

    def values(self, expr: str) -> list[float]:
        """Return the values of an expression that are numbers."""
        result = self.get("query", query=expr)["result"]
        found = [float(series["value"][1]) for series in result]
        return [value for value in found if value == value]

    def rules(self) -> dict[str, Any]:
        """Return all alerts by name."""
        groups = self.get("rules")["groups"]
        return {rule["name"]: rule for group in groups for rule in group["rules"]}


@pytest.fixture(scope="session")
def tools() -> None:
    """Fail, rather than skip, where there is nothing to test with."""
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        pytest.fail(f"no {' and no '.join(missing)}: apt-get install prometheus", pytrace=False)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that says for how many images the device has memory."""
    return tmp_path_factory.mktemp("faults") / "room"


@pytest.fixture(scope="module")
def sick(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service of two models, with a torn file beside them."""
    models = tmp_path_factory.mktemp("models")
    zoo.write(models, zoo.card("digits", classes=DIGITS))
    zoo.write(models, zoo.card("plain", channels=3, size=64))
    (models / "torn.safetensors").write_bytes(b"torn")
    with serving(models, **NARROW, SICK=str(room.parent), PYTHONPATH=f"{SICK}:{ROOT}") as server:
        yield server


@pytest.fixture(scope="module")
def prometheus(
    tools: None, room: Path, sick: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """A Prometheus that saw the service before its memory was short, once for a single image."""
    folder = tmp_path_factory.mktemp("prometheus")
    with visited(sick), watching(sick.port, folder) as found:
        room.write_text(str(ROOM))
        wait_until(lambda: sick.metric("ganforge_oom_total"))
        room.write_text("0")
        assert ask(sick, {"model": "plain"}) == HTTPStatus.INTERNAL_SERVER_ERROR
        room.unlink()
        yield found


@contextmanager
def watching(port: int, folder: Path) -> Iterator[Prometheus]:
    """Start Prometheus as it is configured, but for the address, and more watchful."""
    written = CONFIG.read_text()
    changes = {
        "ganforge:8000": f"127.0.0.1:{port}",
        "scrape_interval: 5s": "scrape_interval: 1s",
        "scrape_timeout: 4s": "scrape_timeout: 1s",
        "evaluation_interval: 15s": "evaluation_interval: 1s",
        "[alerts.yml]": f"[{ALERTS}]",
    }
    for old, new in changes.items():
        assert old in written
        written = written.replace(old, new)
    (folder / "prometheus.yml").write_text(written)
    listen = free_port()
    command = [
        "prometheus", f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{listen}",
    ]  # fmt: skip
    with (folder / "log").open("w") as log, subprocess.Popen(command, stderr=log) as process:
        found = Prometheus(listen)
        try:
            wait_until(lambda: found.values("up") == [1.0], seconds=60)
            yield found
        finally:
            process.terminate()
