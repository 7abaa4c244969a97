"""Devices by the name that a user gives."""

import torch

from models.errors import UserError


def choose(asked: str) -> torch.device:
    """Turn `auto`, `cpu`, `cuda` or `cuda:1` into a device that is there. Raises UserError."""
    name = ("cuda" if torch.cuda.is_available() else "cpu") if asked == "auto" else asked
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"device {asked!r} cannot be used ({reason}): try `cpu`") from error
    return device
