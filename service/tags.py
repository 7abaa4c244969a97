"""Tag: what some paths are for; the documentation groups them by it."""

from dataclasses import dataclass

from service.shapes import Json


@dataclass(frozen=True, kw_only=True)
class Tag:
    """The paths that begin with one of these words, and a line on them."""

    name: str
    words: tuple[str, ...]
    description: str

    @property
    def described(self) -> Json:
        """Describe it to OpenAPI."""
        return {"name": self.name, "description": self.description}


TAGS = (
    Tag(
        name="images",
        words=("generate", "interpolate", "images"),
        description="Make images of seeds, classes, latents or codes, and walks between them.",
    ),
    Tag(
        name="opinions",
        words=("discriminate", "reconstruct"),
        description="Ask a model's discriminator about an image, or have it rebuilt.",
    ),
    Tag(
        name="models",
        words=("models",),
        description="Which models are served, and what each one is.",
    ),
    Tag(
        name="admin",
        words=("admin",),
        description="Load, reload and unload models: with the admin key alone.",
    ),
    Tag(
        name="health",
        words=("healthz", "readyz", "metrics"),
        description="For those who operate the service: without a key.",
    ),
    Tag(
        name="protocol v1",
        words=("v1",),
        description="Images and models as clients of OpenAI's API ask for them.",
    ),
    Tag(
        name="protocol v2",
        words=("v2",),
        description="The Open Inference Protocol: images as tensors, in JSON or binary.",
    ),
)
"""In the order in which they are shown."""
BY_WORD = {word: tag for tag in TAGS for word in tag.words}


def of(path: str) -> Tag:
    """Find the tag of a path."""
    return BY_WORD[path.split("/")[1]]
