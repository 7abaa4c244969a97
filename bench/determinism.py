"""Determinism: is an image the same bytes alone, in any company, and after a restart?

    python -m bench.determinism --seeds 10000

`ganforge serve` is asked for each image alone, one after the other; then for all of them again, 64
requests at once over all models, both one by one and in requests for several; then, after a
restart, alone again; then 64 at once of two services on one port. What the first pass answered is
what the others are held to.
"""

import base64
import io
import json
import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Annotated, NamedTuple

import numpy as np
import typer
import uvloop
from PIL import Image

from bench.client import Answer, Client, offer, post
from bench.contestants import ours
from bench.machine import machine
from bench.server import Server, ServerError, started
from bench.serving import CHECKPOINT
from bench.table import layout
from models.latents import SEED_LIMIT

CONNECTIONS = 64
WORKERS = 2
# Images in a request for several.
LEAST, MOST = 3, 10
SEVERAL = ("npy", "json")
FORMATS = {"png": "one each", "npy": "several as npy", "json": "several as json"}
SHOWN = 5

Option = typer.Option


class Wanted(NamedTuple):
    """One image: a model's, of a seed, and of a class where one is given."""

    model: str
    seed: int
    label: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, for the images of consecutive seeds."""

    wanted: Sequence[Wanted]
    format: str

    @property
    def request(self) -> bytes:
        first, count = self.wanted[0], len(self.wanted)
        body = {"model": first.model, "seed": first.seed, "n": count, "format": self.format}
        if first.label is not None:
            body["class"] = first.label if count == 1 else [one.label for one in self.wanted]
        return post("/generate", body)


Answers = Sequence[tuple[Ask, Answer]]
Alone = Mapping[Wanted, bytes]
"""The PNG of each image as it was answered when nothing else was asked for."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What one way of asking came to; `different` is None for what the others are held to."""

    name: str
    images: int
    seconds: float
    different: Sequence[Wanted] | None


def main(
    seeds: Annotated[int, Option(min=1, help="How many images.")] = 10_000,
    checkpoint: Annotated[Path, Option(exists=True, help="One of the folder served.")] = CHECKPOINT,
) -> None:
    """Compare every image byte for byte: alone, under load, after a restart, of two services."""
    typer.echo(machine())
    passes = uvloop.run(measure(ours(checkpoint.resolve()), checkpoint.stem, seeds))
    typer.echo(table(passes))
    if different := [one for found in passes for one in found.different or ()]:
        for one in different[:SHOWN]:
            typer.echo(f"differs: {one.model}, seed {one.seed}, class {one.label}", err=True)
        raise typer.Exit(1)


async def measure(server: Server, model: str, seeds: int) -> list[Pass]:
    """Ask for so many images in every way. Raises ServerError for what is not answered."""
    with started(server, model) as found:
        blocks = plan(await classes(found.port), seeds)
        singles = [Ask([one], "png") for block in blocks for one in block]
        first, seconds = await send(found.port, singles, connections=1)
        alone = {ask.wanted[0]: png for ask, answer in first for png in images(ask, answer)}
        crowd = mix(singles, blocks)
        answers, crowded = await send(found.port, crowd, connections=CONNECTIONS)
    with started(server, model) as found:
        again, last = await send(found.port, singles, connections=1)
    with started(fleet(server), model) as found:
        shared, among = await send(found.port, singles, connections=CONNECTIONS)
    return [
        Pass(name="alone", images=len(first), seconds=seconds, different=None),
        *(
            compare(f"{CONNECTIONS} at once, {kind}", of(form, answers), alone, crowded)
            for form, kind in FORMATS.items()
        ),
        compare("alone, after a restart", again, alone, last),
        compare(f"{CONNECTIONS} at once, {WORKERS} workers", shared, alone, among),
    ]


def fleet(server: Server) -> Server:
    """Start the same as several services on one port."""
    return replace(server, environment={**server.environment, "GANFORGE_WORKERS": str(WORKERS)})


async def classes(port: int) -> dict[str, int]:
    """Say of every model how many classes it takes."""
    with closing(Client(port)) as client:
        said = json.loads((await client.get("/models")).body)["models"]
    return {model["model"]: len(model["card"]["class_names"]) for model in said}


def plan(models: Mapping[str, int], seeds: int) -> list[list[Wanted]]:
    """Spread the seeds over the models, some in a row, with the class given and left out."""
    chance = random.Random(0)
    turns = [
        (name, given) for given in (False, True) for name in models if models[name] or not given
    ]
    blocks: list[list[Wanted]] = []
    while seeds > 0:
        name, given = turns[len(blocks) % len(turns)]
        size = min(seeds, chance.randint(LEAST, MOST))
        first = chance.randrange(SEED_LIMIT - size)
        labels = [chance.randrange(models[name]) if given else None for _ in range(size)]
        blocks.append([Wanted(name, first + i, label) for i, label in enumerate(labels)])
        seeds -= size
    return blocks


def mix(singles: Sequence[Ask], blocks: Sequence[Sequence[Wanted]]) -> list[Ask]:
    """Ask for every image alone and in a request for several, all models and sizes mixed."""
    several = [Ask(block, form) for block, form in zip(blocks, cycle(SEVERAL), strict=False)]
    asks = [*singles, *several]
    random.Random(1).shuffle(asks)
    return asks


async def send(port: int, asks: Sequence[Ask], *, connections: int) -> tuple[Answers, float]:
    """Send all requests; return what was answered, and in how many seconds."""
    answers: list[tuple[Ask, Answer]] = []
    began = perf_counter()
    await offer(
        port,
        iter(asks),
        lambda ask, answer, _: answers.append((ask, answer)),
        connections=connections,
    )
    return answers, perf_counter() - began


def of(form: str, answers: Answers) -> Answers:
    """Keep what was asked for in one format."""
    return [(ask, answer) for ask, answer in answers if ask.format == form]


def compare(name: str, answers: Answers, alone: Alone, seconds: float) -> Pass:
    """Find the images that are not the same bytes as alone, or where pixels came, the same pixels.

    Raises ServerError for an answer without images.
    """
    different: list[Wanted] = []
    count = 0
    for ask, answer in answers:
        for one, found in zip(ask.wanted, images(ask, answer), strict=True):
            count += 1
            if found != (pixels(alone[one]) if ask.format == "npy" else alone[one]):
                different.append(one)
    return Pass(name=name, images=count, seconds=seconds, different=different)


def images(ask: Ask, answer: Answer) -> list[bytes]:
    """Return the bytes of each image. Raises ServerError for an answer that has none."""
    if answer.status != HTTPStatus.OK:
        raise ServerError(f"{ask.wanted[0]}: answered {answer.status} {answer.body[:500]!r}")
    if ask.format == "npy":
        return [image.tobytes() for image in np.load(io.BytesIO(answer.body))]
    if ask.format == "json":
        return [base64.b64decode(image["png"]) for image in json.loads(answer.body)["images"]]
    return [answer.body]


def pixels(png: bytes) -> bytes:
    """Decode a PNG, with a decoder that is not the service's."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return image.tobytes()


def table(passes: Sequence[Pass]) -> str:
    """Say for each way of asking how many images differ from the first answers."""
    rows = [("", "images", "seconds", "differ")]
    for one in passes:
        differ = "-" if one.different is None else str(len(one.different))
        rows.append((one.name, str(one.images), f"{one.seconds:.1f}", differ))
    return layout(rows)


if __name__ == "__main__":
    typer.run(main)
