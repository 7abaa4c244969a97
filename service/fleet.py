"""Fleet: several services on one port, each with a worker of its own.

uvicorn starts them, replaces one that dies, and ends them together. What they share is a folder:
the metrics, of which each keeps its part in a file, the quotas, and what an admin has told one.
"""

import fcntl
import logging
import os
import sys
import tempfile
from itertools import count
from pathlib import Path

import typer
from prometheus_client import multiprocess
from starlette.applications import Starlette
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from models.errors import UserError
from service import logs, server
from service.metrics import FOLDER as METRICS
from service.settings import Settings

SHARED = "GANFORGE_SHARED_FOLDER"
PATIENCE = 30  # seconds without a sign of life: a start on a busy machine can take more than 5

log = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Serve from several processes, each with these settings from its environment."""
    sockets = server.listeners(settings)
    with tempfile.TemporaryDirectory(prefix="ganforge-") as shared:
        metrics = Path(shared) / "metrics"
        metrics.mkdir()
        port = str(server.port_of(sockets))
        os.environ.update({SHARED: shared, METRICS: str(metrics), "GANFORGE_PORT": port})
        config = Config(
            f"{__name__}:member",
            factory=True,
            workers=settings.workers,
            timeout_worker_healthcheck=PATIENCE,
            **server.options(settings),
        )
        fleet = Multiprocess(config, sockets=sockets)
        fleet.run()
        if any(process.exitcode == STARTUP_FAILURE for process in fleet.processes):
            raise typer.Exit(1)


def member() -> Starlette:
    """Build one service of the fleet, in its own process, from the environment."""
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    bury(Path(os.environ[METRICS]))
    shared = Path(os.environ[SHARED])
    device = settings.devices[claim(shared / "places") % len(settings.devices)]
    try:
        return server.start(settings.model_copy(update={"device": device}), shared)
    except UserError as error:
        log.error("%s", error)
        sys.exit(STARTUP_FAILURE)  # another one would fail as well: the fleet gives up


def claim(places: Path) -> int:
    """Take the first place that nobody has, for as long as this process lives."""
    places.mkdir(exist_ok=True)
    for place in count():
        file = os.open(places / str(place), os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        return place
    raise AssertionError("there is always another place")


def bury(metrics: Path) -> None:
    """Forget what processes that are gone said of their present; what they counted still counts."""
    for file in metrics.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            multiprocess.mark_process_dead(pid, str(metrics))  # type: ignore[no-untyped-call]
