"""The `ganforge` command in processes of its own, forked from one that has imported everything.

Each is as real as one from a shell, and can be killed, without the seconds that imports take.
"""

import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

import ganforge

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        __name__,
        "training.cli",
        "training.variants.gan",
        "torch._dynamo",  # an optimiser imports it
        "matplotlib.figure",  # the journal's curves do
        "sklearn.datasets",  # the digits do
    ]
)


def begin(words: Sequence[str], output: Path) -> BaseProcess:
    """Start `ganforge WORDS`, its output going to a file."""
    process = CONTEXT.Process(target=command, args=(words, output))
    process.start()
    return process


def run(words: Sequence[str], output: Path) -> int:
    """Run `ganforge WORDS` to its end, and return its exit code."""
    process = begin(words, output)
    process.join(240)
    assert process.exitcode is not None, f"still running: {output.read_text()}"
    return process.exitcode


def command(words: Sequence[str], output: Path) -> None:
    """In the child: be the command."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    torch.set_num_threads(1)  # sums in the same order, however many cores there are
    sys.argv = ["ganforge", *words]
    ganforge.main()
