"""`POST /generate`: images of seeds, classes, latents and codes."""

import secrets

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from models import latents
from models.latents import Seeds
from service import classes, exchange, formats, inputs
from service.catalog import Entry
from service.engine.work import Points, Samples
from service.errors import InvalidRequestError
from service.formats import GENERATE, Picture
from service.schemas import GenerateRequest
from service.state import service_of


async def generate(request: Request) -> Response:
    """Make images of one model."""
    service = service_of(request)
    asked = await exchange.parse(request, service, GenerateRequest)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    form = formats.choose(GENERATE, asked.format, request.headers.get("accept", ""))
    seeds = seeds_of(asked, count_of(asked, service.settings.max_images))
    at = classes_of(asked, entry, seeds)
    result = await exchange.compute(request, service, entry, plan(asked, entry, seeds, at))
    drawn = None if at is None else at.tolist()
    picture = Picture(
        model=entry.name,
        digest=entry.digest,
        images=result.rows,
        seeds=seeds.tolist(),
        classes=drawn and [entry.card.class_names[index] for index in drawn],
    )
    headers = {**formats.NEGOTIATED, "X-Seed": str(picture.seeds[0])}
    if drawn:
        headers["X-Class"] = ",".join(map(str, drawn))
    return await exchange.answer(service, form, GENERATE[form], picture, result, headers)


def plan(asked: GenerateRequest, entry: Entry, seeds: Seeds, at: Seeds | None) -> Points | Samples:
    """Decide what the generator is given for every image. Raises InvalidRequestError."""
    if asked.latents is None and asked.codes is None and asked.truncation is None:
        return Samples(seeds, at)
    if asked.latents is not None and asked.truncation is not None:
        raise InvalidRequestError("truncation: latents are given: give them already multiplied")
    z = inputs.z_of(entry, seeds, asked.latents or [])
    if asked.truncation is not None:
        z *= np.float32(asked.truncation)
    given = asked.codes if isinstance(asked.codes, list) else [asked.codes] * len(seeds)
    codes = inputs.codes_of(entry, seeds, given)
    return Points.at(z if codes is None else np.concatenate([z, codes], axis=1), at)


def seeds_of(asked: GenerateRequest, count: int) -> Seeds:
    """Give every image its seed. Raises InvalidRequestError."""
    first = asked.seed if asked.seed is not None else secrets.randbelow(latents.SEED_LIMIT - count)
    if first + count > latents.SEED_LIMIT:
        raise InvalidRequestError(
            f"seed: {first} with n {count} ends at {first + count - 1}: "
            f"expected seeds below {latents.SEED_LIMIT}"
        )
    return np.arange(first, first + count, dtype=np.int64)


def count_of(asked: GenerateRequest, limit: int) -> int:
    """Say how many images are asked for. Raises InvalidRequestError."""
    lists = {"class": asked.class_, "latents": asked.latents, "codes": asked.codes}
    listed = {name: len(given) for name, given in lists.items() if isinstance(given, list)}
    count = asked.n if asked.n is not None else max(listed.values(), default=1)
    for name, length in listed.items():
        if length == 0:
            raise InvalidRequestError(f"{name}: the list is empty: give one for each image")
        if length != count:
            raise InvalidRequestError(
                f"{name}: {length} are listed, n is {count}: give one for each"
            )
    if not 1 <= count <= limit:
        raise InvalidRequestError(f"n: {count} images are asked for, expected 1 to {limit}")
    return count


def classes_of(asked: GenerateRequest, entry: Entry, seeds: Seeds) -> Seeds | None:
    """Give each seed its class: the one asked for, or one drawn from the seed."""
    if asked.class_ is None:
        return classes.drawn(entry, seeds)
    if isinstance(asked.class_, list):
        return np.array([classes.index(entry, name) for name in asked.class_], np.int64)
    return np.full(len(seeds), classes.index(entry, asked.class_), np.int64)
