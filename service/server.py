"""Server: one service under uvicorn, in this process or as one of a fleet."""

import gc
import logging
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.config import STARTUP_FAILURE

from models.errors import UserError
from service.app import create_app
from service.protocol import Protocol
from service.settings import Settings

ACCEPTED = 16
"""How many connections may come in each time the event loop comes round."""

OBJECTS = 20_000
"""New objects between two collections. A request makes hundreds, and leaves no cycles behind."""


log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Serve until a signal ends it. Raises UserError where that cannot begin."""
    sockets = listeners(settings)  # before the models are read, which takes seconds
    settings = settings.model_copy(update={"port": port_of(sockets)})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again at the end
    server = uvicorn.Server(uvicorn.Config(start(settings), **options(settings)))
    with suppress(KeyboardInterrupt):
        server.run(sockets)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def start(settings: Settings, shared: Path | None = None) -> Starlette:
    """Load the models, and make this process one that serves them."""
    service = create_app(settings, shared)
    gc.freeze()  # what is loaded lives as long as the process: no collection walks it again
    gc.set_threshold(OBJECTS)
    return service


def listeners(settings: Settings) -> list[socket.socket]:
    """Take the address, several times over. Raises UserError where it cannot be had.

    uvloop accepts one connection of a listener each time it comes round, and a round is long where
    much is to be done: of many who come at once the last would wait for seconds.
    """
    host, port = settings.host, settings.port
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UserError(
            f"cannot listen on {host}, port {port} ({error.strerror or error}): choose others with "
            "--host and --port"
        ) from None
    taken = listener.getsockname()[:2]
    log.info("listening on %s, port %d, as soon as the models are loaded", *taken)
    return [listener, *(listener.dup() for _ in range(ACCEPTED - 1))]


def port_of(sockets: list[socket.socket]) -> int:
    """Say which port was taken, where any would do."""
    port: int = sockets[0].getsockname()[1]
    return port


def options(settings: Settings) -> dict[str, Any]:
    """Say how uvicorn serves it."""
    return {
        "access_log": False,
        "proxy_headers": False,  # nothing here depends on who asks
        "server_header": False,
        "log_config": None,
        "http": partial(Protocol, head_seconds=settings.body_seconds),
        "timeout_graceful_shutdown": settings.drain_seconds,
    }
