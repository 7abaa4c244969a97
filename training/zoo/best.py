"""Best: the snapshot of a run whose samples were nearest to the real images, kept beside the last.

`distances.json` holds the distance of every snapshot by its step, and says what a new one has to
beat, also after a resume. It is written after `best.safetensors`: a kill between the two leaves a
step that is not in it, and is measured again when the run resumes there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from models import checkpoint
from models.card import SUFFIX
from training.evaluate.reference import Reference, in_domain_distance
from training.run import Run, card, discriminator
from training.zoo import records

SAMPLES = 5_000
FILE = f"best{SUFFIX}"
DISTANCES = "distances.json"

Distances = Mapping[int, float]
"""Distance by step."""

Told = Callable[[Run, Distances], None]


@dataclass(frozen=True, kw_only=True, eq=False)
class Best:
    """Told of each snapshot, keep it where it is the best so far."""

    reference: Reference
    told: Told

    def __call__(self, run: Run) -> None:
        step, seen = run.state.step, read(run.folder.path)
        if step in seen or not run.journal.read():  # the card says how long the run took
            return
        distance = in_domain_distance(run.state.average.generator, self.reference, SAMPLES)
        if distance < min(seen.values(), default=float("inf")):
            generator = run.state.average.generator
            checkpoint.save(run.folder.path / FILE, card(run), generator, discriminator(run))
        seen = {**seen, step: distance}
        records.put(run.folder.path / DISTANCES, seen)
        self.told(run, seen)


def read(folder: Path) -> Distances:
    """Read the distances of a run's snapshots."""
    kept = records.get(folder / DISTANCES, {})
    return {int(step): distance for step, distance in kept.items()}
