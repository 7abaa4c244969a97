"""`ganforge generate` and `ganforge models`: a running service, asked from the command line."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from models.errors import UserError
from service.client.asked import Asked, Format, Label
from service.client.clients import Client
from service.client.described import Model
from service.client.errors import ClientError
from service.client.receipt import Receipt

app = typer.Typer()

Option = typer.Option
Url = Annotated[
    str | None,
    Option(help="Address of the service, else GANFORGE_URL, else http://127.0.0.1:8000."),
]
STDOUT = "-"
INDEX = re.compile("0|[1-9][0-9]{0,17}")  # of a class, as the service reads it in an address


@contextmanager
def asking(url: str | None) -> Iterator[Client]:
    """Give a client. Raises UserError for all that it raises; its key is GANFORGE_API_KEY alone."""
    try:
        with Client(url) as client:
            yield client
    except (ClientError, ValueError) as error:
        raise UserError(str(error)) from error


@app.command()
def generate(
    model: Annotated[str, typer.Argument(help="A name that `ganforge models` lists.")],
    output: Annotated[
        str | None, Option("--output", "-o", help="File to write, else MODEL.png; - is stdout.")
    ] = None,
    n: Annotated[
        int | None, Option("-n", min=1, help="How many images, else 1 or one of each class.")
    ] = None,
    class_: Annotated[
        list[str] | None, Option("--class", help="Its name or index; repeat it for one each.")
    ] = None,
    seed: Annotated[int | None, Option(help="Of the first image; drawn if not given.")] = None,
    truncation: Annotated[
        float | None, Option(help="0 to 1: below 1 images are more typical, and more alike.")
    ] = None,
    format: Annotated[
        Format | None, Option(help="Else what the file's ending says, else png: a grid of several.")
    ] = None,
    url: Url = None,
) -> None:
    """Have a running service make images, and write them to a file, in the place of what is there.

    A key is taken from GANFORGE_API_KEY.
    """
    path = output or f"{model}.{ending(format)}"
    if path == STDOUT and sys.stdout.isatty():
        raise UserError("-o - would write bytes to the terminal: redirect them, or name a file")
    to = sys.stdout.buffer if path == STDOUT else path
    with asking(url) as client:
        asked: Asked = {"n": n, "seed": seed, "truncation": truncation}
        asked["class_"] = labels(client, model, class_ or [])
        receipt = client.download(to, model, format=format, **asked)
    typer.echo(
        f"{'stdout' if path == STDOUT else path}: {told(model, n or len(class_ or [1]), receipt)}",
        err=True,
    )


def ending(format: Format | None) -> str:
    return "png" if format is None or format == "grid" else format


def labels(client: Client, model: str, given: list[str]) -> Label | list[Label] | None:
    """Read classes; a number is an index, unless the model has a class of that name."""
    names = client.model(model).class_names if any(map(INDEX.fullmatch, given)) else ()
    read: list[Label] = [
        int(text) if INDEX.fullmatch(text) and text not in names else text for text in given
    ]
    return read[0] if len(read) == 1 else read or None


def told(model: str, count: int, receipt: Receipt) -> str:
    """Say what came, so that it can be asked for again."""
    first = receipt.seed or 0
    seeds = f"seed {first}" if count == 1 else f"seeds {first} to {first + count - 1}"
    images = "1 image" if count == 1 else f"{count} images"
    return f"{images} of {model} ({receipt.digest[:12]}), {seeds}"


@app.command()
def models(url: Url = None) -> None:
    """List the models that a running service serves."""
    with asking(url) as client:
        found = client.models()
    rows = [("model", "variant", "data", "image", "classes", "digest"), *map(row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for line in rows:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def row(model: Model) -> tuple[str, ...]:
    """Say the most important of one model."""
    height, width, channels = model.shape
    return (
        model.name,
        model.card["variant"],
        model.card["dataset"],
        f"{width}x{height} {'grey' if channels == 1 else 'colour'}",
        str(len(model.class_names) or "-"),
        model.digest[:12],
    )
