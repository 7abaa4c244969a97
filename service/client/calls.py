"""Calls: each method of the clients once, as the request that it sends and what it reads."""

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import IO, Any, Unpack
from urllib.parse import quote, urlencode

from service.client.asked import (
    Animation,
    Asked,
    Format,
    Keyframe,
    Label,
    Method,
    Rebuilt,
    body_of,
    plain,
)
from service.client.call import Array, Call, Copy, Parts, post, received, upload
from service.client.described import Model, Opinion, Readiness
from service.client.images import Frames, Images
from service.client.pictures import Picture
from service.client.receipt import File
from service.client.target import Target


def generate(model: str, **asked: Unpack[Asked]) -> Call[Images]:
    """Make images, each as a PNG of its own with its seed and its class."""
    body = body_of(model, asked, format="zip")
    return post("/generate", body, asked.get("deadline"), partial(Images.of, model=model))


def file(model: str, *, format: Format | None = None, **asked: Unpack[Asked]) -> Call[File]:
    """Make images as one file: PNG, a grid where there are several, if no format is given."""
    body = body_of(model, asked, format=format)
    return post("/generate", body, asked.get("deadline"), File.of)


def download(
    to: str | PathLike[str] | IO[bytes],
    model: str,
    *,
    format: Format | None = None,
    **asked: Unpack[Asked],
) -> Copy:
    """Make images as one file, written to a path or an open file as it comes, however large.

    Its format is that of the path's ending if none is given. What was there is replaced.
    """
    target = Target(to)
    body = body_of(model, asked, format=format or target.format)
    return Copy(call=post("/generate", body, asked.get("deadline"), received), target=target)


def arrays(model: str, *, size: int = 1024, **asked: Unpack[Asked]) -> Parts:
    """Make images as arrays (size, height, width, channels), the last of which may be smaller.

    They are given out as they come, so that a million take no more memory than `size`. Should the
    connection break, the rest is asked for.
    """
    body = body_of(model, asked, format="npy")
    return Parts(body=body, size=size, deadline=asked.get("deadline"))


def array(model: str, **asked: Unpack[Asked]) -> Array:
    """Make images as one array (n, height, width, channels) of uint8."""
    return Array(parts=arrays(model, **asked))


def interpolate(
    model: str,
    keyframes: Sequence[Keyframe],
    *,
    steps: int | None = None,
    method: Method | None = None,
    loop: bool | None = None,
    deadline: float | None = None,
) -> Call[Frames]:
    """Make the images on the way from keyframe to keyframe."""
    body = way(model, keyframes, steps, method, loop, "npy")
    return post("/interpolate", body, deadline, Frames.of)


def animate(
    model: str,
    keyframes: Sequence[Keyframe],
    *,
    steps: int | None = None,
    method: Method | None = None,
    loop: bool | None = None,
    format: Animation = "gif",
    deadline: float | None = None,
) -> Call[File]:
    """Make the images on the way as one file: an animation, or a strip as PNG."""
    body = way(model, keyframes, steps, method, loop, format)
    return post("/interpolate", body, deadline, File.of)


def way(
    model: str,
    keyframes: Sequence[Keyframe],
    steps: int | None,
    method: Method | None,
    loop: bool | None,
    format: Animation,
) -> dict[str, Any]:
    """Write the JSON of a way."""
    given = {"steps": steps, "method": method, "loop": loop}
    named = {name: value for name, value in given.items() if value is not None}
    return {"model": model, "keyframes": plain(keyframes), "format": format, **named}


def discriminate(
    image: Picture,
    model: str,
    *,
    class_: Label | None = None,
    deadline: float | None = None,
) -> Call[Opinion]:
    """Ask a discriminator how real an image is, and what it shows."""
    return upload("/discriminate", image, {"model": model, "class": class_}, deadline, Opinion.of)


def reconstruct(
    image: Picture, model: str, *, format: Rebuilt = "png", deadline: float | None = None
) -> Call[File]:
    """Have an auto-encoder rebuild an image."""
    return upload("/reconstruct", image, {"model": model, "format": format}, deadline, File.of)


def models() -> Call[list[Model]]:
    """List what is served."""
    return Call(
        method="GET",
        path="/models",
        read=lambda answer: [Model.of(said) for said in answer.json()["models"]],
    )


def model(name: str) -> Call[Model]:
    """Describe one model."""
    return Call(
        method="GET",
        path=f"/models/{quote(name, safe='')}",
        read=lambda answer: Model.of(answer.json()),
    )


def ready() -> Call[Readiness]:
    """Say whether requests are served now, which models are, and which files are not."""
    return Call(method="GET", path="/readyz", read=Readiness.of, welcome=(503,), patient=False)


def image_path(
    model: str, seed: int, *, class_: Label | None = None, digest: str | None = None
) -> str:
    """Say at which path one image is; with a digest it is for ever the same bytes."""
    weights = quote(model, safe="") + (f"@{digest}" if digest else "")
    query = "" if class_ is None else f"?{urlencode({'class': str(class_)})}"
    return f"/images/{weights}/{seed}.png{query}"
