"""Devices by the name that a user gives."""

import torch

from models import device_name
from models.errors import UserError


def choose(asked: str) -> torch.device:
    """Turn `auto`, `cpu`, `cuda` or `cuda:1` into a device that is there. Raises UserError.

    torch knows more devices, of which `meta` has no memory and others were never tried.
    """
    if not device_name.fits(asked):
        raise UserError(f"device {asked!r} cannot be used: expected {device_name.EXPECTED}")
    name = ("cuda" if torch.cuda.is_available() else "cpu") if asked == "auto" else asked
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"device {asked!r} cannot be used ({reason}): try `cpu`") from error
    return device


def fast_bfloat16(device: torch.device) -> bool:
    """Say whether the device multiplies bfloat16 in hardware."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
