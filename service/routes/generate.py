"""`POST /generate`: images of seeds and classes."""

import secrets

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from models import latents
from service import classes, exchange, formats
from service.catalog import Entry
from service.engine.work import Samples
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
    work = plan(asked, entry, service.settings.max_images)
    result = await exchange.compute(request, service, entry, work)
    drawn = None if work.classes is None else work.classes.tolist()
    picture = Picture(
        model=entry.name,
        digest=entry.digest,
        images=result.rows,
        seeds=work.seeds.tolist(),
        classes=drawn and [entry.card.class_names[index] for index in drawn],
    )
    headers = {"X-Seed": str(picture.seeds[0])}
    if drawn:
        headers["X-Class"] = ",".join(map(str, drawn))
    return await exchange.answer(service, form, GENERATE[form], picture, result, headers)


def plan(asked: GenerateRequest, entry: Entry, limit: int) -> Samples:
    """Decide seed and class of every image. Raises InvalidRequestError."""
    count = count_of(asked, limit)
    first = asked.seed if asked.seed is not None else secrets.randbelow(latents.SEED_LIMIT - count)
    if first + count > latents.SEED_LIMIT:
        raise InvalidRequestError(
            f"seed: {first} with n {count} ends at {first + count - 1}: "
            f"expected seeds below {latents.SEED_LIMIT}"
        )
    seeds = np.arange(first, first + count, dtype=np.int64)
    return Samples(seeds, classes_of(asked, entry, seeds))


def count_of(asked: GenerateRequest, limit: int) -> int:
    """Say how many images are asked for. Raises InvalidRequestError."""
    listed = len(asked.class_) if isinstance(asked.class_, list) else None
    if listed == 0:
        raise InvalidRequestError("class: the list is empty: give one class for each image")
    count = asked.n if asked.n is not None else listed if listed is not None else 1
    if listed is not None and count != listed:
        raise InvalidRequestError(f"class: {listed} are listed, n is {count}: give one for each")
    if not 1 <= count <= limit:
        raise InvalidRequestError(f"n: {count} images are asked for, expected 1 to {limit}")
    return count


def classes_of(asked: GenerateRequest, entry: Entry, seeds: latents.Seeds) -> latents.Seeds | None:
    """Give each seed its class: the one asked for, or one drawn from the seed."""
    if asked.class_ is None:
        names = entry.card.class_names
        return latents.classes(seeds, len(names)) if names else None
    if isinstance(asked.class_, list):
        return np.array([classes.index(entry, name) for name in asked.class_], np.int64)
    return np.full(len(seeds), classes.index(entry, asked.class_), np.int64)
