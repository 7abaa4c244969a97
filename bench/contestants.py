"""Who is compared, and how each is started: ours as a user starts it, the peers by their files."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.request import GENERATE, INFER, Request
from bench.server import Server

OURS = "ours"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A file of bench/peers, what it imports, how many threads torch gets, and how it is asked."""

    module: str
    needs: tuple[str, ...]
    threads: int
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str | None = None
    request: Request = GENERATE


# As Ray's guide to throughput has it, but without HAProxy, whose page of statistics would be open
# to the network: the replica answers by itself, which is as fast. Ray listens on loopback where it
# is told that there is no cluster, except at one port of the replica, which asks for a token.
# Workers at the niceness that Ray gives them would give way to wrk.
RAY = {
    "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
}
# Threads: each was tried with one and with two on two cores, and one is the better for all or no
# worse: the other core then is the front end's, and naive's 40 request threads bring no team each.
PEERS = {
    "naive": Peer(module="bench.peers.naive", needs=("fastapi", "uvicorn"), threads=1),
    "litserve": Peer(module="bench.peers.litserve_server", needs=("litserve",), threads=1),
    "mosec": Peer(
        module="bench.peers.mosec_server",
        needs=("mosec",),
        threads=1,
        environment={"MOSEC_ADDRESS": "127.0.0.1"},
    ),
    "bentoml": Peer(
        module="bench.peers.bentoml_server",
        needs=("bentoml",),
        threads=1,
        environment={"BENTOML_DO_NOT_TRACK": "True"},
    ),
    "ray": Peer(
        module="bench.peers.ray_server",
        needs=("ray.serve",),
        threads=1,
        environment=RAY,
        ready="/-/healthz",
    ),
    "triton": Peer(
        module="bench.peers.triton_server",
        needs=("pytriton",),
        threads=1,
        ready="/v2/health/ready",
        request=INFER,
    ),
}
NAMES = (OURS, *PEERS)


def contestant(name: str, python: str, checkpoint: Path) -> Server:
    """Say how to start one of NAMES; a peer runs under the interpreter `python`."""
    return ours(checkpoint) if name == OURS else peer(name, python, checkpoint)


def ours(checkpoint: Path) -> Server:
    """Start `ganforge serve` with its own settings, on the folder of the checkpoint."""
    command = "ganforge.py", "serve", "--host", "127.0.0.1", "--port", "{port}"
    return Server(
        name=OURS,
        command=(sys.executable, *command),
        environment={"GANFORGE_MODELS": str(checkpoint.parent)},
        ready="/readyz",
    )


def peer(name: str, python: str, checkpoint: Path) -> Server:
    """Start a file of bench/peers."""
    found = PEERS[name]
    arguments = "--port", "{port}", "--checkpoint", str(checkpoint)
    return Server(
        name=name,
        command=(python, "-m", found.module, *arguments),
        environment={"OMP_NUM_THREADS": str(found.threads), **found.environment},
        ready=found.ready,
        request=found.request,
    )


def installed(name: str, python: str) -> bool:
    """Say whether `python` can import what a contestant needs."""
    if name == OURS:
        return True
    command = [python, "-c", f"import torch, PIL, {', '.join(PEERS[name].needs)}"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
