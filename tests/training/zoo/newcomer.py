"""A variant that is nothing but a file somewhere, for tests of what finds variants by their files.

Subprocesses find it through a `sitecustomize`, which Python imports when it starts.
"""

import os
from pathlib import Path

NAME = "newcomer"
SOURCE = '''
"""Newcomer: nobody 2030, "A variant that no other file has heard of"."""

from training.data import Batch
from training.losses import call_fake, call_real
from training.variant import Losses, Variant


class Newcomer(Variant):
    """The non-saturating GAN under another name.

    D: min E[-log D(x)] + E[-log(1 - D(G(z)))]
    G: min E[-log D(G(z))]
    """

    def discriminator_loss(self, real: Batch) -> Losses:
        fake = self.generate(real.images)
        return {
            "real": call_real(self.realness(real.images)),
            "fake": call_fake(self.realness(fake)),
        }

    def generator_loss(self, real: Batch) -> Losses:
        return {"fool": call_real(self.realness(self.generate(real.images)))}
'''
BROKEN = SOURCE.replace(
    "    def generator_loss",
    "    def after_discriminator_step(self) -> None:\n"
    '        raise ArithmeticError("this one fails at its first step")\n\n'
    "    def generator_loss",
)
HOOK = "import training.variants\ntraining.variants.__path__.append({folder!r})\n"


def write(folder: Path, source: str = SOURCE, also: str = "") -> Path:
    """Put the file into a folder of its own, and return that; do `also` that at each start."""
    place = folder / "variants"
    place.mkdir(exist_ok=True)
    (place / f"{NAME}.py").write_text(source)
    (folder / "sitecustomize.py").write_text(HOOK.format(folder=str(place)) + also)
    return place


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process, and of its children, that know the variants there."""
    return {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
