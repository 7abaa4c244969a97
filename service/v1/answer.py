"""Answer: images as OpenAI's API sends them, in the answer or by their addresses."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from service.catalog import Entry
from service.formats import GENERATE
from service.parts import Part
from service.picture import Picture
from service.v1.schemas import ImagesRequest


def encoded(asked: ImagesRequest, entry: Entry, part: Part, picture: Picture) -> bytes:
    """Write the answer with the images in it, each as base64 of its file."""
    encode = GENERATE[asked.output_format or "png"].encode
    data = [
        {"b64_json": base64.b64encode(encode(alone(picture, place))).decode(), **said(seed, name)}
        for place, (seed, name) in enumerate(labels(entry, part))
    ]
    return write(asked, entry, data)


def addressed(asked: ImagesRequest, entry: Entry, part: Part, base: str) -> bytes:
    """Write the answer with addresses: `GET /images` makes the images when they are wanted."""
    root = f"{base}images/{quote(entry.name, safe='')}@{entry.digest}"
    data = [
        {"url": f"{root}/{seed}.png{query(name)}", **said(seed, name)}
        for seed, name in labels(entry, part)
    ]
    return write(asked, entry, data)


def alone(picture: Picture, place: int) -> Picture:
    """Show one image of a picture."""
    return Picture(picture.model, picture.digest, picture.images[place : place + 1], [], None)


def labels(entry: Entry, part: Part) -> Iterator[tuple[int, str | None]]:
    """Name each image's seed and class."""
    names = entry.card.class_names
    for place, seed in enumerate(part.seeds):
        yield seed, None if part.classes is None else names[part.classes[place]]


def query(name: str | None) -> str:
    return "" if name is None else f"?{urlencode({'class': name})}"


def said(seed: int, name: str | None) -> Mapping[str, Any]:
    """Say what an image is of: its class in OpenAI's field for it and, with its seed, in ours."""
    return {"seed": seed} | ({} if name is None else {"class": name, "revised_prompt": name})


def write(asked: ImagesRequest, entry: Entry, data: list[Any]) -> bytes:
    """Write the answer around its images."""
    size = f"{entry.card.image.width}x{entry.card.image.height}"
    told: dict[str, Any] = {"created": int(time.time()), "data": data, "size": size}
    told["output_format"] = asked.output_format or "png"
    if asked.size not in (None, "auto", size):
        told["note"] = f"size: found {asked.size!r}, ignored: the images of {entry.name} are {size}"
    return json.dumps(told, separators=(",", ":")).encode()
