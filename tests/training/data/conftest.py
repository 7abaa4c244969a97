"""What the tests of the data share: no reach to the internet, and a server on loopback."""

import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from training.data import source

# Read before `alone` hides it.
REAL = os.environ.get(source.VARIABLE)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the machine's data, cache and network."""
    monkeypatch.delenv(source.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # Port 9 discards; nothing listens there, so a stray download fails at once.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def real_root() -> Path:
    """Return the folder of the real data sets."""
    if not REAL:
        pytest.skip(f"{source.VARIABLE} is not set: it names the folder of the real data sets")
    return Path(REAL)


class Handler(SimpleHTTPRequestHandler):
    """Serve a folder's files by their last name, to direct requests and as a proxy."""

    def translate_path(self, path: str) -> str:
        return str(Path(self.directory) / Path(path).name)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class Server:
    """A web server on loopback for the files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def stop(self) -> None:
        """Stop answering; a second call does nothing."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Serve an empty folder that the test fills."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = Server(folder)
    yield server
    server.stop()
