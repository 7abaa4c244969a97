"""What requests say, checked as far as that is possible without a model."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from models.latents import SEED_LIMIT


def say_once(expected: str) -> WrapValidator:
    """Answer a union's failure with one sentence, instead of one for each of its members."""

    def check(value: Any, validate: Any) -> Any:
        try:
            return validate(value)
        except ValidationError:
            raise PydanticCustomError("class", "expected {what}", {"what": expected}) from None

    return WrapValidator(check)


Seed = Annotated[int, Field(ge=0, lt=SEED_LIMIT, description="0 to 2^53 - 1; drawn if not given")]
Label = int | Annotated[str, Field(max_length=200)]
Class = Annotated[Label, say_once("a class's index or name")]
Labels = Annotated[list[Label], Field(fail_fast=True)]
Classes = Annotated[Label | Labels, say_once("a class's index or name, or a list of these")]
LARGEST = 100
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]
Latent = Annotated[list[Number], Field(max_length=4096, fail_fast=True)]


class Body(BaseModel):
    """A JSON body: unknown fields are errors, and no value is converted to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Query(BaseModel):
    """What stands behind the `?`: unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Codes(Body):
    """An InfoGAN's codes, in the order of its card; what is null or left out the seed draws."""

    categorical: list[Annotated[int, Field(ge=0, lt=2**31)] | None] = Field(
        [], max_length=4096, description="a value for each code, from 0"
    )
    continuous: list[Number | None] = Field(
        [], max_length=4096, description="a value for each code; it was trained on -1 to 1"
    )


def one_or_each(value: Any) -> str:
    return "each" if isinstance(value, list) else "one"


CodesOrList = Annotated[
    Annotated[Codes, Tag("one")] | Annotated[list[Codes], Field(fail_fast=True), Tag("each")],
    Discriminator(one_or_each),
]


class GenerateRequest(Body):
    """Ask for images; image i is that of seed + i."""

    model: str = Field(description="a name that GET /models lists", examples=["acgan"])
    class_: Classes | None = Field(
        None,
        alias="class",
        description="one class for all images or one for each; drawn from the seed if not given",
        examples=[7],
    )
    n: int | None = Field(
        None, ge=1, description="how many images; 1, or one for each class, latent or codes listed"
    )
    seed: Seed | None = None
    truncation: float | None = Field(
        None,
        ge=0,
        le=1,
        description="what drawn latents are multiplied by: below 1 images are more typical and "
        "more alike; 1 if not given",
    )
    latents: Annotated[list[Latent], Field(fail_fast=True)] | None = Field(
        None,
        description="z itself, a list for each image, in place of those of the seeds, which "
        "then draw only the classes and codes that are not given",
    )
    codes: CodesOrList | None = Field(
        None, description="an InfoGAN's codes, for all images or for each"
    )
    format: Literal["png", "grid", "webp", "jpeg", "json", "npy", "raw", "zip"] | None = Field(
        None, description="what to answer with; the Accept header decides if not given"
    )


class Keyframe(Body):
    """A place to pass through: a seed or a latent, and a class or codes where the model has any."""

    seed: Seed | None = None
    latent: Latent | None = Field(
        None,
        description="z itself, in place of that of the seed, which then draws only the class and "
        "the codes that are not given",
    )
    codes: Codes | None = Field(None, description="an InfoGAN's codes, in place of the seed's")
    class_: Class | None = Field(
        None, alias="class", description="drawn from the seed if not given"
    )


class InterpolateRequest(Body):
    """Ask for the images on the way from keyframe to keyframe."""

    model: str = Field(description="a name that GET /models lists", examples=["acgan"])
    keyframes: list[Keyframe] = Field(min_length=2, max_length=64)
    steps: int = Field(
        16,
        ge=2,
        description="how many frames in all, evenly spaced: the first and the last keyframe are "
        "among them, the others all are where steps - 1 is a multiple of keyframes - 1. Of a loop "
        "the first is, and the others all are where steps is a multiple of keyframes",
    )
    method: Literal["slerp", "lerp"] = Field("slerp", description="how latents move")
    loop: bool = Field(False, description="end where it began, for an endless animation")
    format: Literal["png", "gif", "webp", "apng", "npy"] | None = Field(
        None, description="a strip, an animation or an array; Accept decides if not given"
    )


class ImageQuery(Query):
    """What the image is of, beside the model and the seed of its address."""

    class_: str | None = Field(
        None, alias="class", max_length=200, description="drawn from the seed if not given"
    )


class DiscriminateQuery(Query):
    """Whose opinion of the image in the body is asked for."""

    model: str = Field(description="a name that GET /models lists", examples=["acgan"])
    class_: str | None = Field(
        None,
        alias="class",
        max_length=200,
        description="what the image is to be a picture of, where the discriminator is told",
    )


class ReconstructQuery(Query):
    """Which auto-encoder is to rebuild the image in the body."""

    model: str = Field(description="a name that GET /models lists", examples=["ebgan"])
    format: Literal["png", "webp", "jpeg", "npy"] | None = Field(
        None, description="what to answer with; the Accept header decides if not given"
    )
