"""Formats: from pixels to an answer's bytes, and which one a client is answered with."""

import asyncio
import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from PIL import Image
from zlib_ng import zlib_ng

from models.pixels import Pixels, grid
from service.errors import NotAcceptableError

INLINE_BYTES = 1 << 14
FRAME_MILLISECONDS = 80
GREY, RGB = 0, 2


@dataclass(frozen=True, slots=True)
class Picture:
    """What an answer shows: images (n, H, W, C), each with its seed and its class's name."""

    model: str
    digest: str
    images: Pixels
    seeds: Sequence[int]
    classes: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a picture."""

    media_type: str
    encode: Callable[[Picture], bytes]


def png(image: Pixels) -> bytes:
    """Write one image (H, W, 1 or 3) as PNG: no row filter, zlib-ng's level 1.

    For 28x28 grey Pillow takes seven times as long, and zlib's own level 1 three times.
    """
    height, width, channels = image.shape
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # each line begins with filter 0
    lines[:, 1:] = image.reshape(height, -1)
    data = chunk(b"IDAT", zlib_ng.compress(lines.data, 1))
    return png_head(width, height, channels) + data + PNG_END


@lru_cache
def png_head(width: int, height: int, channels: int) -> bytes:
    """Write what a PNG of this shape begins with."""
    colour = RGB if channels == 3 else GREY
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def chunk(kind: bytes, content: bytes) -> bytes:
    """Frame a PNG chunk: length, kind, content, checksum of both."""
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib_ng.crc32(checked))


PNG_END = chunk(b"IEND", b"")


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


def encode_npy(picture: Picture) -> bytes:
    file = io.BytesIO()
    np.save(file, picture.images, allow_pickle=False)
    return file.getvalue()


def encode_zip(picture: Picture) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for seed, image in zip(picture.seeds, picture.images, strict=True):
            archive.writestr(f"{picture.model}-{seed}.png", png(image))
    return file.getvalue()


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


GENERATE: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("image/png", encode_png),
        "grid": Format("image/png", encode_grid),
        "webp": Format("image/webp", encode_webp),
        "jpeg": Format("image/jpeg", encode_jpeg),
        "json": Format("application/json", encode_json),
        "npy": Format("application/x-npy", encode_npy),
        "zip": Format("application/zip", encode_zip),
    }
)
INTERPOLATE: Mapping[str, Format] = MappingProxyType(
    {
        "png": Format("image/png", encode_strip),
        "gif": Format("image/gif", encode_gif),
        "webp": Format("image/webp", encode_animated_webp),
        "apng": Format("image/apng", encode_apng),
        "npy": Format("application/x-npy", encode_npy),
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
