"""`GET /images/{model}/{seed}.png`: one image, at an address that a cache may keep.

An image is a pure function of the weights, the seed and the class, so that its tag is known before
it is made: who has it already is told so without any work.
"""

import hashlib
import re

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from models.latents import SEED_LIMIT, Seeds
from service import classes, exchange
from service.catalog import ENOUGH, Catalog, Entry
from service.engine.work import Samples
from service.errors import UnknownWeightsError, wrong
from service.formats import GENERATE
from service.picture import Picture
from service.schemas import ImageQuery
from service.state import service_of

FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "public, no-cache"


async def image(request: Request) -> Response:
    """Return one image, at an address that a cache may keep: `{model}` or `{model}@{digest}`."""
    service = service_of(request)
    entry, pinned = weights(service.catalog, request.path_params["model"])
    request.state.model = entry.name
    seed = seed_of(request.path_params["seed"])
    seeds = np.array([seed])
    at = classes_of(entry, exchange.parse_query(request, ImageQuery).class_, seeds)
    tag = etag(entry, service.engine.device, seed, None if at is None else int(at[0]))
    headers = {"ETag": tag, "Cache-Control": FOR_EVER if pinned else ASK_EACH_TIME}
    if is_known(",".join(request.headers.getlist("if-none-match")), tag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return head(headers)
    result = await exchange.compute(request, service, entry, Samples(seeds, at))
    picture = Picture(entry.name, entry.digest, result.rows, [seed], None)
    return await exchange.answer(service, "png", GENERATE["png"], picture, result, headers)


def weights(catalog: Catalog, address: str) -> tuple[Entry, bool]:
    """Find a model, and whether its weights are named. Raises UnknownWeightsError for others."""
    name, _, digest = address.rpartition("@")
    if address in catalog.entries or name not in catalog.entries:
        return catalog.find(address), False
    entry = catalog.find(name)
    if not entry.has(digest):
        raise UnknownWeightsError(
            f"{name} has no weights {digest[:64]!r}: ask for {name}@{entry.digest}, of which "
            f"{ENOUGH} digits are enough, or for {name}"
        )
    return entry, True


def seed_of(text: str) -> int:
    """Read a seed, which has one way to be written. Raises InvalidRequestError."""
    if not re.fullmatch("0|[1-9][0-9]{0,15}", text) or int(text) >= SEED_LIMIT:
        message = f"found {text[:100]!r}, expected a number from 0 to {SEED_LIMIT - 1}"
        raise wrong("seed", message, text)
    return int(text)


def classes_of(entry: Entry, asked: str | None, seeds: Seeds) -> Seeds | None:
    """Give the one seed its class: the one asked for, or the one drawn from it."""
    if asked is None:
        return classes.drawn(entry, seeds)
    return np.array([classes.from_text(entry, asked)])


def etag(entry: Entry, device: str, seed: int, label: int | None) -> str:
    """Name the bytes by all that they depend on."""
    parts = (entry.digest, device, entry.model.precision, str(seed), str(label))
    return f'"{hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]}"'


def is_known(if_none_match: str, tag: str) -> bool:
    """Say whether a client has what the tag names (RFC 9110, §13.1.2)."""
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in known or tag in known


def head(headers: dict[str, str]) -> Response:
    """Answer HEAD, which may leave the length out of what it has not made."""
    answer = Response(media_type="image/png", headers=headers)
    del answer.headers["content-length"]
    return answer
