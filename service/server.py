"""Server: one service under uvicorn, in this process or as one of a fleet."""

import gc
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from models.errors import UserError
from service.app import create_app
from service.protocol import Protocol
from service.settings import Settings

OBJECTS = 20_000
"""New objects between two collections. A request makes hundreds, and leaves no cycles behind."""


def run(settings: Settings) -> None:
    """Serve until a signal ends it. Raises UserError where that cannot begin."""
    check_port(settings.host, settings.port)  # before the models are read, which takes seconds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again at the end
    uvicorn.run(start(settings), **options(settings))


def start(settings: Settings, shared: Path | None = None) -> Starlette:
    """Load the models, and make this process one that serves them."""
    service = create_app(settings, shared)
    gc.freeze()  # what is loaded lives as long as the process: no collection walks it again
    gc.set_threshold(OBJECTS)
    return service


def check_port(host: str, port: int) -> None:
    """Raise UserError for an address that cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(
                f"cannot listen on {host}, port {port} ({error.strerror or error}): choose others "
                "with --host and --port"
            ) from None


def options(settings: Settings) -> dict[str, Any]:
    """Say how uvicorn serves it."""
    return {
        "host": settings.host,
        "port": settings.port,
        "access_log": False,
        "proxy_headers": False,  # nothing here depends on who asks
        "server_header": False,
        "log_config": None,
        "http": partial(Protocol, head_seconds=settings.body_seconds),
        "timeout_graceful_shutdown": settings.drain_seconds,
    }
