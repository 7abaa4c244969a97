"""Asked: from OpenAI's words to those of `POST /generate`."""

from service import classes
from service.catalog import Entry
from service.errors import wrong
from service.schemas import GenerateRequest
from service.v1.schemas import ImagesRequest


def translate(asked: ImagesRequest, entry: Entry) -> GenerateRequest:
    """Ask for the same images. Raises InvalidRequestError for a prompt that is no class."""
    label = asked.class_ if asked.class_ is not None else class_of(asked.prompt, entry)
    said = {"model": entry.name, "n": asked.n or 1, "seed": asked.seed, "class": label}
    return GenerateRequest.model_validate(said)


def class_of(prompt: str, entry: Entry) -> int | None:
    """Find the class that a prompt names, if any. Raises InvalidRequestError."""
    if not prompt:
        return None
    if not entry.card.conditional:
        raise wrong(
            "prompt",
            f"found {prompt[:100]!r}, but {entry.name} is unconditional: expected an empty one, or "
            "a model whose class_names GET /models lists",
            prompt,
        )
    return classes.from_text(entry, prompt, "prompt")
