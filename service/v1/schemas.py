"""What requests of OpenAI's API say; what has no meaning for a GAN is let be."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from service.schemas import Body, Class, Seed


class ImagesRequest(Body):
    """Ask for images; the client's `extra_body` brings `class` and `seed`."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(description="a name that GET /v1/models lists", examples=["acgan"])
    prompt: Annotated[str, Field(max_length=200)] = Field(
        "",
        description='a class\'s name or index; with "" the seed draws one. Where `class` is given '
        "it may say anything",
        examples=["7"],
    )
    class_: Class | None = Field(None, alias="class", description="a class, whatever the prompt")
    seed: Seed | None = None
    n: int | None = Field(None, ge=1, description="how many images; 1 if not given")
    response_format: Literal["b64_json", "url"] | None = Field(
        None, description="the images, or their addresses here; b64_json if not given"
    )
    output_format: Literal["png", "webp", "jpeg"] | None = Field(
        None, description="png if not given; addresses are of png alone"
    )
    size: Annotated[str, Field(max_length=50)] | None = Field(
        None, description="ignored, with a note: a model has one size"
    )
    stream: Literal[False] | None = Field(None, description="answers are not streamed")
