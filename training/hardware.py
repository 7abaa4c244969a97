"""Where a run computes, and in what precision."""

import ctypes
import platform
from pathlib import Path

import torch

from models import device as devices


def choose_autocast(precision: str, device: torch.device) -> torch.autocast:
    """Compute in bfloat16 where asked, or where `auto` finds that it is fast, else in float32."""
    half = precision == "bf16" or (precision == "auto" and devices.fast_bfloat16(device))
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=half)


def describe(device: torch.device) -> str:
    """Name the device for a reader of the card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"cpu ({name}, {torch.get_num_threads()} threads)"


def keep_freed_memory() -> None:
    """Have the C library keep what a step frees for the next step, instead of handing it back.

    By default glibc maps and unmaps each large tensor anew, and the kernel zeroes it each time: a
    tenth of a step on a CPU. Elsewhere than on glibc this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if platform.system() == "Linux" else None
    if mallopt is not None:
        trim_threshold, mmap_threshold = -1, -3  # malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
        mallopt(mmap_threshold, 2**25)  # the largest that it takes
        mallopt(trim_threshold, 2**31 - 1)
