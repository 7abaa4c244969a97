"""`POST /interpolate`: the images on the way from keyframe to keyframe."""

import secrets

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from models import latents
from service import classes, exchange, formats, inputs, paths
from service.catalog import Entry
from service.engine.work import Points
from service.errors import brief, wrong
from service.formats import INTERPOLATE
from service.picture import Picture
from service.schemas import InterpolateRequest, Keyframe
from service.state import service_of


async def interpolate(request: Request) -> Response:
    """Make the frames of a way through one model."""
    service = service_of(request)
    asked = await exchange.parse(request, service, InterpolateRequest)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    form = formats.choose(INTERPOLATE, asked.format, request.headers.get("accept", ""))
    if asked.steps > service.settings.max_images:
        limit = service.settings.max_images
        message = f"{brief(asked.steps)} are asked for, expected 2 to {limit}"
        raise wrong("steps", message, asked.steps)
    seeds = np.array([seed_of(keyframe) for keyframe in asked.keyframes], np.int64)
    at = classes_at(asked.keyframes, entry, seeds)
    result = await exchange.compute(request, service, entry, way(asked, entry, seeds, at))
    picture = Picture(entry.name, entry.digest, result.rows, [], None)
    headers = {**formats.NEGOTIATED, "X-Seed": ",".join(map(str, seeds))}
    if at is not None:
        headers["X-Class"] = ",".join(map(str, at))
    return await exchange.answer(service, form, INTERPOLATE[form], picture, result, headers)


def seed_of(keyframe: Keyframe) -> int:
    return keyframe.seed if keyframe.seed is not None else secrets.randbelow(latents.SEED_LIMIT)


def classes_at(
    keyframes: list[Keyframe], entry: Entry, seeds: latents.Seeds
) -> latents.Seeds | None:
    """Find the class of each keyframe, drawn from its seed where none is given."""
    drawn = classes.drawn(entry, seeds)
    for place, keyframe in enumerate(keyframes):
        if keyframe.class_ is not None:
            index = classes.index(entry, keyframe.class_, f"keyframes.{place}.class")
            if drawn is not None:
                drawn[place] = index
    return drawn


def way(
    asked: InterpolateRequest, entry: Entry, seeds: latents.Seeds, at: latents.Seeds | None
) -> Points:
    """Place every frame between two keyframes."""
    places = paths.stops(len(seeds), asked.steps, loop=asked.loop)
    origin = np.minimum(places.astype(np.int64), len(seeds) - 1 if asked.loop else len(seeds) - 2)
    target = (origin + 1) % len(seeds)
    share = places - origin
    given = [keyframe.latent for keyframe in asked.keyframes]
    asked_codes = [keyframe.codes for keyframe in asked.keyframes]
    inputs.check_latents(entry, given, "keyframes.{}.latent")
    inputs.check_codes(entry, asked_codes, "keyframes.{}.codes")
    z = inputs.z_of(entry, seeds, given)
    points = paths.METHODS[asked.method](z[origin], z[target], share)
    codes = inputs.codes_of(entry, seeds, asked_codes)
    if codes is not None:  # not on the sphere of z: they move on a straight line
        moved = paths.lerp(codes[origin], codes[target], share)
        points = np.concatenate([points, moved], axis=1)
    return Points(
        points,
        None if at is None else at[origin],
        None if at is None else at[target],
        share.astype(np.float32),
    )
