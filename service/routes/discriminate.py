"""`POST /discriminate`: what a model's discriminator says of an image."""

from time import perf_counter

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.latents import Seeds
from service import classes, exchange, upload
from service.catalog import Entry
from service.engine.work import Judged
from service.errors import wrong
from service.opinion import opinion
from service.schemas import DiscriminateQuery
from service.state import service_of
from service.tracing import CURRENT


async def discriminate(request: Request) -> Response:
    """Say how real an image is, and what it shows."""
    service = service_of(request)
    asked = exchange.parse_query(request, DiscriminateQuery)
    entry = service.catalog.find(asked.model)
    request.state.model = entry.name
    label = label_of(entry, asked.class_)
    image = await upload.receive(request, service, entry.card.image)
    result = await exchange.compute(request, service, entry, Judged(image[np.newaxis], label))
    began = perf_counter()
    said = {"model": entry.name, "digest": entry.digest, **opinion(entry.card, result.rows[0])}
    ended = perf_counter()
    if (trace := CURRENT.get()) is not None:
        trace.encoded("json", began, ended)
    headers = exchange.told(entry.digest, result, ended - began)
    return JSONResponse(said, headers=headers)


def label_of(entry: Entry, asked: str | None) -> Seeds | None:
    """Give the class that the discriminator is told. Raises InvalidRequestError."""
    judge = entry.card.discriminator
    if judge is None:
        raise wrong(
            "model",
            f"{entry.name} was saved without its discriminator: choose a model whose card in GET "
            "/models has heads",
            entry.name,
        )
    told = bool(judge.arguments.get("classes"))
    if told and asked is None:
        raise wrong(
            "class",
            f"{entry.name} judges an image as one of a class: add &class=, "
            f"{classes.known(entry.card.class_names)}",
            None,
        )
    if asked is None:
        return None
    if not told:
        message = f"{entry.name}'s discriminator is not told any: leave class out"
        raise wrong("class", message, asked)
    return np.array([classes.from_text(entry, asked)], np.int64)
