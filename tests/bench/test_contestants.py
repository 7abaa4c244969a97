from pathlib import Path

import pytest

from bench.contestants import NAMES, OURS, PEERS, contestant, installed
from bench.server import ROOT

CHECKPOINT = Path("folder") / "acgan.safetensors"
# What no server is started from: what all share, and what Triton itself loads.
PARTS = {"__init__", "painter", "triton_model"}


def test_every_file_of_peers_is_compared() -> None:
    files = {file.stem for file in (ROOT / "bench" / "peers").glob("*.py")} - PARTS
    assert {peer.module.removeprefix("bench.peers.") for peer in PEERS.values()} == files


@pytest.mark.parametrize("name", PEERS)
def test_peer_runs_under_its_interpreter_on_port_and_checkpoint(name: str) -> None:
    server = contestant(name, "peers/bin/python", CHECKPOINT)
    assert server.name == name
    assert server.command[0] == "peers/bin/python"
    assert server.command[-4:] == ("--port", "{port}", "--checkpoint", str(CHECKPOINT))
    assert server.environment["OMP_NUM_THREADS"] == str(PEERS[name].threads)
    assert server.environment.items() >= PEERS[name].environment.items()
    assert server.request == PEERS[name].request


def test_without_its_interpreter_no_peer_is_installed() -> None:
    assert [name for name in NAMES if installed(name, "no/such/python")] == [OURS]
