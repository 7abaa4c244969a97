"""Networks whose answers a test knows, in the place of a variant's own."""

from collections.abc import Callable, Mapping
from math import log
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from training import variants
from training.data import Batch
from training.variant import HyperParameters, Losses, Task, Variant

Make = Callable[..., Variant]
Answers = Mapping[float, Mapping[str, Any]]
"""What is said of an image, by its grey: a number, or a list of numbers, a head."""

SURE: Answers = {  # that .1 and .2 are real by 3/4 and 1/2, and .3 and .4 by 1/5 and 2/5
    0.1: {"realness": log(3)},
    0.2: {"realness": 0.0},
    0.3: {"realness": -log(4)},
    0.4: {"realness": log(2 / 3)},
}

BETWEEN = 1.00390625
HALVES: Answers = {  # both have a place in bfloat16, their mean, BETWEEN, has none
    0.1: {"realness": 1.0, "features": [1.0]},
    0.2: {"realness": 1.0078125, "features": [1.0078125]},
    0.3: {"realness": 0.0, "features": [0.0]},
}

SIZE = 8
PIXELS = SIZE * SIZE


class Looks(nn.Module):
    """A discriminator that looks an image's grey up in a table, and notes the labels it is given.

    `features` are looked up as a head of that name; `decoder` rebuilds nothing but black.
    """

    def __init__(self, answers: Answers, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.answers = answers
        self.dtype = dtype
        self.labels: list[Tensor | None] = []

    def look_up(self, x: Tensor, head: str) -> Tensor:
        greys = [round(grey.item(), 3) for grey in x.detach().flatten(1).mean(1)]
        return torch.tensor([self.answers[grey][head] for grey in greys], dtype=self.dtype)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        self.labels.append(labels)
        heads = {head for row in self.answers.values() for head in row} - {"features"}
        return {head: self.look_up(x, head) for head in heads}

    def features(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.look_up(x, "features")


class Linear(nn.Module):
    """The critic w . x with |w| = slope, which says 8 slope grey of a grey image.

    Its gradient is w at every image: `slope` over the whole sample, slope / 8 at each pixel.
    """

    def __init__(self, slope: float, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.dtype = dtype
        self.w = nn.Parameter(torch.full((PIXELS,), slope / SIZE))
        self.labels: list[Tensor | None] = []

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        self.labels.append(labels)
        return {"realness": (x.flatten(1) @ self.w).to(self.dtype)}


class Bowl(nn.Module):
    """The critic |x|^2 / 2, whose gradient at x is x: of norm 8 grey at a grey image."""

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        return {"realness": 0.5 * x.flatten(1).square().sum(1)}


class Makes(nn.Module):
    """A generator whose images have these greys in turn, and which notes what it is given."""

    def __init__(self, *greys: float) -> None:
        super().__init__()
        self.greys = nn.Parameter(torch.tensor(greys))
        self.given: list[Tensor] = []
        self.asked: list[Tensor] = []

    def embed(self, labels: Tensor) -> Tensor:
        self.asked.append(labels)
        return labels[:, None].float()

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        self.given.append(z)
        turns = torch.arange(len(z)) % len(self.greys)
        return self.greys[turns, None, None, None].expand(-1, 1, SIZE, SIZE)


def rig(make: Make, name: str, judge: nn.Module, fake: tuple[float, ...], **hyper: Any) -> Any:
    """Build a variant whose discriminator is `judge` and whose generator makes the `fake` greys."""
    variant: Any = make(name, **hyper)
    variant.generator = Makes(*fake)
    variant.discriminator = judge
    return variant


def images(*greys: float) -> Tensor:
    return torch.tensor(greys)[:, None, None, None].repeat(1, 1, SIZE, SIZE)


def batch(
    *greys: float, labels: tuple[int, ...] | None = None, known: Batch | None = None
) -> Batch:
    return Batch(images(*greys), None if labels is None else torch.tensor(labels), known)


def values(losses: Losses) -> dict[str, float]:
    return {name: term.item() for name, term in losses.items()}


def independent(name: str, **hyper: Any) -> bool:
    """Say whether what a critic says of an image depends on that image alone, in training."""
    kind = variants.find(name)
    task = Task(channels=1, size=32, classes=0)  # large enough for a layer that is normalised
    torch.manual_seed(0)
    critic = kind(task, kind.Hyper(**hyper)).discriminator.train()
    x = torch.randn(4, 1, 32, 32)
    with torch.no_grad():
        alone, among = critic(x[:2])["realness"], critic(x)["realness"][:2]
    return torch.allclose(alone, among, atol=1e-5)


def defaults(name: str) -> dict[str, Any]:
    """Say what a variant sets differently from all others, by field."""
    common = {key: field.default for key, field in HyperParameters.model_fields.items()}
    own = {key: field.default for key, field in variants.find(name).Hyper.model_fields.items()}
    return {key: value for key, value in own.items() if key not in common or value != common[key]}


def takes(name: str, **hyper: Any) -> bool:
    """Say whether a variant accepts these hyper-parameters."""
    try:
        variants.find(name).Hyper(**hyper)
    except ValidationError:
        return False
    return True


def bounds(name: str, field: str, least: float, most: float | None = None, step: float = 1) -> bool:
    """Say whether `field` takes exactly what lies from `least` to `most`, to within a `step`."""
    inside = [least] if most is None else [least, most]
    outside = [least - step] if most is None else [least - step, most + step]
    return all(takes(name, **{field: x}) for x in inside) and not any(
        takes(name, **{field: x}) for x in outside
    )
