"""Typed: what documentation tells to type, typed at a real server; only the port differs."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.blocks import Block

ROOT = Path(__file__).parents[1]


def prepare(folder: Path) -> Path:
    """Make a folder to type in, in which `ganforge` is a command and curl fails where HTTP does."""
    command = folder / "bin/ganforge"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ganforge "$@"\n')
    command.chmod(0o755)
    (folder / ".venv").symlink_to(folder)  # documentation types .venv/bin/ganforge
    (folder / ".curlrc").write_text("fail-with-body\n")
    return folder


def variables(place: Path, port: int) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("GANFORGE_")}
    return {
        **own,
        "PATH": f"{place / 'bin'}{os.pathsep}{own['PATH']}",
        "PYTHONPATH": str(ROOT),
        "CURL_HOME": str(place),
        "GANFORGE_URL": f"http://127.0.0.1:{port}",
    }


def ask(words: Sequence[str], code: str, place: Path, environment: Mapping[str, str]) -> str:
    """Run a program on some code, with the server's port in the place of 8000."""
    port = environment["GANFORGE_URL"].rpartition(":")[2]
    typed = re.sub(r"(localhost|127\.0\.0\.1):8000", rf"127.0.0.1:{port}", code)
    done = subprocess.run(
        [*words, typed], cwd=place, env=environment, capture_output=True, timeout=600, check=False
    )
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{code}\n{said[-1000:]}\n{done.stderr.decode()}"
    return said


def shell(block: Block, place: Path, environment: Mapping[str, str], *, fails: bool = False) -> str:
    """Type a block; one that `fails` is answered with an error."""
    lenient = {**environment, "CURL_HOME": str(place / "bin")} if fails else environment
    return ask(["bash", "-euo", "pipefail", "-c"], block.code, place, lenient)


def python(typed: Sequence[Block], place: Path, environment: Mapping[str, str]) -> None:
    """Run block after block in one program, as in a notebook; each has its own line numbers."""
    lines: list[str] = []
    for block in typed:
        lines += [""] * (block.line - len(lines) - 1) + block.code.splitlines()
    ask([sys.executable, "-c"], "\n".join(lines), place, environment)
