"""Makes the device of a worker fail: Python runs this first where its folder is on the path.

What is wrong stands in the folder that SICK names: in a file `sticky`, that the first process that
sees it fails from then on; in `room`, how many images there is memory for; in `poison`, the seed of
an image that no process survives.
"""

import os
from pathlib import Path

import torch

from models.pixels import Pixels
from service.engine.sampler import Sampler
from service.engine.work import Drawing

FOLDER = Path(os.environ["SICK"])

healthy = Sampler.draw
broken = False


def draw(self: Sampler, work: Drawing) -> Pixels:
    global broken
    sticky, room, poison = FOLDER / "sticky", FOLDER / "room", FOLDER / "poison"
    if poison.exists() and int(poison.read_text()) in work.seeds:  # type: ignore[attr-defined]
        broken = True
    if sticky.exists():
        sticky.unlink()
        broken = True
    if broken:
        raise torch.AcceleratorError("CUDA error: device-side assert triggered")
    if room.exists() and len(work) > int(room.read_text()):
        raise torch.OutOfMemoryError("CUDA out of memory")
    return healthy(self, work)


Sampler.draw = draw  # type: ignore[method-assign]
