"""ModelCard: everything that a reader of a checkpoint has to know, without this project's code."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from models.latents import SCHEME

SUFFIX = ".safetensors"
"""How the name of a file that holds a card ends."""


class Record(BaseModel):
    """A part of the card: immutable, and a field that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def finite(values: dict[str, Any]) -> dict[str, Any]:
    """Refuse a number that JSON has not, however deep: whoever writes it again would fail."""
    json.dumps(values, allow_nan=False)
    return values


Values = Annotated[dict[str, Any], AfterValidator(finite)]


class Network(Record):
    """A network by the name that the closed table knows, with the arguments that rebuild it."""

    network: str
    arguments: Values


class Latent(Record):
    """What the generator eats, and the scheme by which a seed becomes it."""

    dimension: int = Field(gt=0)
    law: Literal["normal"] = "normal"
    scheme: str = SCHEME


Verdict = Literal["probability", "target", "critic", "energy", "classes", "certainty"]
"""What a discriminator's opinion of an image is.

probability: of being real, the sigmoid of the `realness` head
target: the `realness` head itself, which was drawn to one value for real images, another for made
critic: the `realness` head itself, of which only differences mean something, higher is more real
energy: the error of rebuilding the image, lower is more real
classes: the probability of being any of the `classes` and not generated, K logits and one of 0
certainty: how sure the `classes` head is, 1 - entropy / log K
"""


HEADS: Mapping[Verdict, str] = MappingProxyType(
    {
        "probability": "realness",
        "target": "realness",
        "critic": "realness",
        "energy": "energy",
        "classes": "classes",
        "certainty": "classes",
    }
)
"""Which head a verdict comes from."""


class Codes(Record):
    """What InfoGAN's generator eats behind z: one-hot codes, then continuous ones in [-1, 1]."""

    categorical: tuple[Annotated[int, Field(gt=1)], ...] = ()
    continuous: int = Field(0, ge=0)

    @property
    def width(self) -> int:
        """How many numbers the codes are."""
        return sum(self.categorical) + self.continuous


class Image(Record):
    """What the generator makes; values are in [-1, 1]."""

    channels: Literal[1, 3]
    height: int = Field(gt=0)
    width: int = Field(gt=0)


class Metric(Record):
    """A measured figure, how it was measured, and what real images reach by the same protocol."""

    value: float
    floor: float | None = None
    protocol: str


class Training(Record):
    """How the weights came to be."""

    steps: int
    images: int
    seconds: float
    device: str
    seed: int
    hyper_parameters: Values
    versions: dict[str, str]
    data_digest: str


class ModelCard(Record):
    """The card of one trained GAN.

    `class_names` are the classes that it can be asked for; `head_names` are what its `classes` head
    tells apart, which without labels are clusters.
    """

    format: Literal[1] = 1
    name: str
    variant: str
    dataset: str
    class_names: tuple[str, ...] = ()
    head_names: tuple[str, ...] = ()
    generator: Network
    discriminator: Network | None = None
    latent: Latent
    codes: Codes | None = None
    image: Image
    heads: tuple[Literal["realness", "classes", "energy", "codes"], ...] = ()
    verdict: Verdict | None = None
    metrics: dict[str, Metric] = {}
    training: Training

    @property
    def conditional(self) -> bool:
        """Whether the generator takes a class."""
        return bool(self.class_names)

    @model_validator(mode="after")
    def check(self) -> Self:
        if self.latent.scheme != SCHEME:
            raise ValueError(
                f"latent scheme {self.latent.scheme!r} is unknown: this version draws {SCHEME!r}"
            )
        if len(set(self.class_names)) < len(self.class_names) or "" in self.class_names:
            raise ValueError(f"class names {self.class_names}: expected each once, and none empty")
        if bool(self.heads) != (self.discriminator is not None):
            raise ValueError("heads are served by a discriminator: give both or neither")
        if self.verdict is not None and HEADS[self.verdict] not in self.heads:
            raise ValueError(
                f"the verdict {self.verdict} is that of a head {HEADS[self.verdict]}: the card has "
                f"{', '.join(self.heads) or 'none'}"
            )
        return self
