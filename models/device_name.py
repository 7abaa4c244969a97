"""Device name: what a user may call a device; without torch, so that it is known at once."""

import re

EXPECTED = "auto, cpu, cuda or cuda:N"

FORM = re.compile("auto|cpu|cuda(:[0-9]+)?")


def fits(name: str) -> bool:
    """Say whether it names a kind of device that is supported, be it there or not."""
    return FORM.fullmatch(name) is not None
