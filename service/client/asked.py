"""Asked: what a call can ask for, under the names that the service's schemas have."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

Label = int | str
"""A class by its index or its name."""

Format = Literal["png", "grid", "webp", "jpeg", "json", "npy", "raw", "zip"]
Animation = Literal["png", "gif", "webp", "apng", "npy"]
Rebuilt = Literal["png", "webp", "jpeg", "npy"]
Method = Literal["slerp", "lerp"]


class Codes(TypedDict, total=False):
    """An InfoGAN's codes, in the order of its card; what is None or left out the seed draws."""

    categorical: Sequence[int | None]
    continuous: Sequence[float | None]


Keyframe = TypedDict(
    "Keyframe",
    {"seed": int, "latent": Sequence[float], "class": Label, "codes": Codes},
    total=False,
)
"""A place to pass through: a seed or a latent, and a class or codes where the model has any."""


class Asked(TypedDict, total=False):
    """What images are asked for.

    `class_`, `codes`: one for all images, or a list of one each. `n`: how many, 1 if nothing is
    listed. `seed`: of the first image, each other has the next one; drawn if not given.
    `truncation`: below 1 images are more typical and more alike. `latents`: z itself, a row for
    each image. `deadline`: seconds in which the answer is of use, which the service is told.
    """

    class_: Label | Sequence[Label] | None
    n: int | None
    seed: int | None
    truncation: float | None
    latents: Any  # rows of numbers: lists or an array (n, dimension)
    codes: Codes | Sequence[Codes] | None
    deadline: float | None


def body_of(model: str, asked: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Write what is asked for as the JSON of a request. Raises TypeError for another name."""
    if unknown := sorted(asked.keys() - Asked.__annotations__.keys()):
        raise TypeError(f"{unknown[0]}: expected some of {', '.join(Asked.__annotations__)}")
    given = {"model": model, **asked, **more}
    return {
        name.removesuffix("_"): plain(value)
        for name, value in given.items()
        if value is not None and name != "deadline"
    }


def plain(value: Any) -> Any:
    """Turn arrays and tuples into what JSON has."""
    if hasattr(value, "tolist"):  # of numpy, or of torch
        return value.tolist()
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value
