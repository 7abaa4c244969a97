"""Machine: where a benchmark ran, in one line."""

import os

import torch

from training.hardware import describe


def machine() -> str:
    """Say what the processor is, how many cores there are, and which torch runs on them."""
    return f"{describe(torch.device('cpu'))}, {os.cpu_count()} cores, torch {torch.__version__}"
