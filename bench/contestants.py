"""Who is compared, and how each is started: ours as a user starts it, the peers by their files."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.server import Server

OURS = "ours"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A file of bench/peers, what it imports, and how many threads torch gets."""

    module: str
    needs: tuple[str, ...]
    threads: int


# Threads: each was tried with one and with two on two cores, and one is the better for all: the
# other core then is the front end's, and naive's 40 request threads bring no team each.
PEERS = {
    "naive": Peer(module="bench.peers.naive", needs=("fastapi", "uvicorn"), threads=1),
    "litserve": Peer(module="bench.peers.litserve_server", needs=("litserve",), threads=1),
    "mosec": Peer(module="bench.peers.mosec_server", needs=("mosec",), threads=1),
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
    module, threads = PEERS[name].module, PEERS[name].threads
    arguments = "--port", "{port}", "--checkpoint", str(checkpoint)
    return Server(
        name=name,
        command=(python, "-m", module, *arguments),
        environment={"OMP_NUM_THREADS": str(threads), "MOSEC_ADDRESS": "127.0.0.1"},
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
