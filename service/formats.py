"""Formats: from pixels to an answer's bytes, and which one a client is answered with."""

import asyncio
import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from PIL import Image

from models.pixels import Pixels, grid
from service.errors import NotAcceptableError
from service.picture import Picture
from service.png import png
from service.streams import Npy, Raw, Stream, Zip

INLINE_BYTES = 1 << 14
FRAME_MILLISECONDS = 80


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a picture."""

    media_type: str
    encode: Callable[[Picture], bytes]
    stream: type[Stream] | None = None


def streamed(media_type: str, stream: type[Stream]) -> Format:
    """Make a format of which a large answer is written part by part."""

    def encode(picture: Picture) -> bytes:
        writer = stream(picture.images.shape)
        return writer.begin() + writer.part(picture) + writer.end()

    return Format(media_type, encode, stream)


def pillow(image: Pixels) -> Image.Image:
    """Hand an image (H, W, 1 or 3) to Pillow."""
    return Image.fromarray(image.squeeze(-1) if image.shape[2] == 1 else image)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Have Pillow write an image."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def encode_grid(picture: Picture) -> bytes:
    return png(grid(picture.images))


def encode_png(picture: Picture) -> bytes:
    return png(picture.images[0]) if len(picture.images) == 1 else encode_grid(picture)


def one(picture: Picture) -> Image.Image:
    """Show all that a picture shows in one image."""
    images = picture.images
    return pillow(images[0] if len(images) == 1 else grid(images))


def encode_webp(picture: Picture) -> bytes:
    """Write the very pixels, as PNG does."""
    return written(one(picture), "WEBP", lossless=True)


def encode_jpeg(picture: Picture) -> bytes:
    """Write with all colours: halved, those of a small image would be much of it."""
    return written(one(picture), "JPEG", quality=95, subsampling=0)


def encode_strip(picture: Picture) -> bytes:
    return png(grid(picture.images, columns=len(picture.images)))


def encode_json(picture: Picture) -> bytes:
    classes: Sequence[str | None] = picture.classes or [None] * len(picture.images)
    images = [
        {"seed": seed, "class": name, "png": base64.b64encode(png(image)).decode()}
        for seed, name, image in zip(picture.seeds, classes, picture.images, strict=True)
    ]
    answer = {"model": picture.model, "digest": picture.digest, "images": images}
    return json.dumps(answer, separators=(",", ":")).encode()


def animated(picture: Picture, kind: str, **options: Any) -> bytes:
    """Write an endless animation."""
    first, *others = map(pillow, picture.images)
    timed = {"save_all": True, "append_images": others, "duration": FRAME_MILLISECONDS, "loop": 0}
    return written(first, kind, **timed, **options)


def encode_gif(picture: Picture) -> bytes:
    """Write an animation of at most 256 colours, which Pillow chooses."""
    return animated(picture, "GIF")


def encode_animated_webp(picture: Picture) -> bytes:
    return animated(picture, "WEBP", lossless=True)


def encode_apng(picture: Picture) -> bytes:
    return animated(picture, "PNG")


NPY = streamed("application/x-npy", Npy)

GENERATE: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("image/png", encode_png),
        "grid": Format("image/png", encode_grid),
        "webp": Format("image/webp", encode_webp),
        "jpeg": Format("image/jpeg", encode_jpeg),
        "json": Format("application/json", encode_json),
        "npy": NPY,
        "raw": streamed("application/octet-stream", Raw),
        "zip": streamed("application/zip", Zip),
    }
)
INTERPOLATE: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("image/png", encode_strip),
        "gif": Format("image/gif", encode_gif),
        "webp": Format("image/webp", encode_animated_webp),
        "apng": Format("image/apng", encode_apng),
        "npy": NPY,
    }
)
RECONSTRUCT: Mapping[str, Format] = MappingProxyType(
    {name: GENERATE[name] for name in ("png", "webp", "jpeg", "npy")}
)


NEGOTIATED = {"Vary": "Accept"}
"""What an answer says whose format `choose` chose."""


def choose(formats: Mapping[str, Format], asked: str | None, accept: str) -> str:
    """Name the format to answer with: the one asked for, else the best that Accept allows.

    Raises NotAcceptableError; the first format is what a client gets that does not care.
    """
    if asked is not None:
        return asked
    wanted, refused = preferences(accept)
    for kind in wanted:
        for name, form in formats.items():
            family = form.media_type.split("/")[0] + "/*"
            if form.media_type not in refused and kind in ("*/*", form.media_type, family):
                return name
    offered = ", ".join(dict.fromkeys(form.media_type for form in formats.values()))
    raise NotAcceptableError(f"Accept is {accept[:200]!r}, expected one of: {offered}")


@lru_cache
def preferences(accept: str) -> tuple[list[str], frozenset[str]]:
    """Order the media types of an Accept header, best first, and list those of quality 0."""
    found = []
    for part in (accept or "*/*").split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            found.append((float(quality), media_type.lower()))
        except ValueError:
            continue
    ranked = sorted(found, key=lambda range_: -range_[0])
    wanted = [media_type for quality, media_type in ranked if quality > 0]
    return wanted, frozenset(media_type for quality, media_type in found if quality == 0)


async def encode(form: Format, picture: Picture) -> bytes:
    """Write a picture; a large one in a thread, so that the event loop stays free.

    A small one takes less time than the way to a thread and back.
    """
    if picture.images.nbytes <= INLINE_BYTES:
        return form.encode(picture)
    return await asyncio.to_thread(form.encode, picture)
