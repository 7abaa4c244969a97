"""Contest: every variant's losses over the same networks, on mixtures with modes to count."""

import time
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict

from training import run, variants
from training.divergence import DivergedError, Watch
from training.evaluate.modes import SAMPLES, count_modes
from training.evaluate.point_networks import on_points
from training.evaluate.points import MIXTURES, Points
from training.evaluate.served import drawn_classes, seeds_from
from training.hardware import choose_autocast
from training.loop import State, start
from training.loop import train as train_for_ever
from training.variant import Task, Variant
from training.zoo.order import EVERYONE, Settings

DECAY = 0.999
SCATTERED = 500  # points kept for the picture
HYPER: Mapping[str, Any] = MappingProxyType(
    {
        "latent": 2,
        "generator_width": 128,
        "discriminator_width": 128,
        "learning_rate": 1e-3,
        "generator_learning_rate": 1e-3,
        "beta1": 0.0,
    }
)
"""The same for every variant; all else is the variant's own, or set by name.

All rates fall to 0 by the last step.
"""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rules(Frozen):
    """What all of a contest have in common."""

    steps: int
    batch: int
    hyper: dict[str, Any] = dict(HYPER)
    settings: Settings = {}

    def given(self, variant: str) -> dict[str, Any]:
        """Return the hyper-parameters that a variant is given."""
        asked = {**self.settings.get(EVERYONE, {}), **self.settings.get(variant, {})}
        return {**self.hyper, "decay": self.steps, **asked}


class Match(Frozen):
    """One of the runs of a contest."""

    variant: str
    mixture: str
    seed: int


class Result(Match):
    """What a run came to: how many modes, or the reason why none."""

    found: int = 0
    quality: float = 0.0
    kl: float | None = None
    seconds: float
    failure: str | None = None
    points: tuple[tuple[float, float], ...] = ()

    @property
    def match(self) -> Match:
        return Match(variant=self.variant, mixture=self.mixture, seed=self.seed)


def compete(match: Match, rules: Rules) -> Result:
    """Train one variant on one mixture and count its modes."""
    torch.set_num_threads(1)
    began = time.process_time()
    try:
        points = train(match, rules)
    except DivergedError as error:
        return Result(**match.model_dump(), seconds=spent(began), failure=str(error))
    modes = count_modes(points, MIXTURES[match.mixture])
    return Result(
        **match.model_dump(),
        found=modes.found,
        quality=round(modes.quality, 4),
        kl=round(modes.kl, 4),
        seconds=spent(began),
        points=[(round(x, 3), round(y, 3)) for x, y in points[:SCATTERED].tolist()],
    )


def spent(began: float) -> float:
    """Return the processor's seconds since then: of a run that others run beside, too."""
    return round(time.process_time() - began, 1)


def train(match: Match, rules: Rules) -> torch.Tensor:
    """Train, and draw the points that are counted (SAMPLES, 2). Raises DivergedError."""
    mixture = MIXTURES[match.mixture]
    torch.manual_seed(match.seed)
    variant = build(match.variant, mixture.modes, rules)
    state, watch = start(variant, DECAY), Watch()
    batches = Points(mixture, rules.batch, match.seed)
    single = choose_autocast("fp32", torch.device("cpu"))
    for metrics in islice(train_for_ever(state, batches, single), rules.steps):
        watch.look(metrics, state.step)
    watch.check(state)
    return draw(state)


def build(name: str, modes: int, rules: Rules) -> Variant:
    """Make a variant for points, with the mode as the label where it learns labels.

    Raises ConfigError for a setting that it lacks.
    """
    kind = on_points(variants.find(name))
    return kind(Task(channels=2, size=1, classes=modes), run.hyper(name, rules.given(name)))


@torch.inference_mode()
def draw(state: State) -> torch.Tensor:
    """Draw points (SAMPLES, 2) of the averaged generator, as a service would: seeds 0, 1, …"""
    generator, seeds = state.average.generator, seeds_from(0, SAMPLES)
    classes = drawn_classes(generator, seeds)
    condition = None if classes is None else generator.embed(torch.from_numpy(classes))
    return generator(torch.from_numpy(generator.latents(seeds)), condition).flatten(1)
