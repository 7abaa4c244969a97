"""`ganforge serve`."""

import gc
import logging
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from models.errors import UserError
from service.app import create_app
from service.engine.orders import LOG_FORMAT
from service.gate import digest_of, new_key
from service.protocol import Protocol
from service.settings import Settings

app = typer.Typer()

OBJECTS = 20_000
"""New objects between two collections. A request makes hundreds, and leaves no cycles behind."""

Option = typer.Option


@app.command()
def serve(
    models: Annotated[list[Path] | None, Option(help="Folder of checkpoints; repeatable.")] = None,
    host: Annotated[str | None, Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, Option(help="Port to listen on. [8000]")] = None,
    device: Annotated[str | None, Option(help="auto, cpu, cuda or cuda:N. [auto]")] = None,
) -> None:
    """Serve trained models over HTTP; every other setting is a GANFORGE_ variable."""
    given = {"models": models, "host": host, "port": port, "device": device}
    if missing := [str(folder) for folder in models or () if not folder.is_dir()]:
        raise UserError(f"--models {', '.join(missing)}: no such folder")
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    logging.basicConfig(level=settings.log_level.upper(), format=LOG_FORMAT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again at the end
    service = create_app(settings)
    gc.freeze()  # what is loaded lives as long as the process: no collection walks it again
    gc.set_threshold(OBJECTS)
    uvicorn.run(
        service,
        host=settings.host,
        port=settings.port,
        access_log=False,
        proxy_headers=False,  # nothing here depends on who asks
        server_header=False,
        log_config=None,
        http=partial(Protocol, head_seconds=settings.body_seconds),  # type: ignore[arg-type]
        timeout_graceful_shutdown=settings.drain_seconds,
    )


@app.command()
def key() -> None:
    """Draw a key for the service, and the digest that GANFORGE_API_KEYS takes."""
    drawn = new_key()
    typer.echo(f"key     {drawn}\ndigest  {digest_of(drawn)}")


def read_settings(**given: Any) -> Settings:
    """Read the settings. Raises UserError, which names each that is wrong."""
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [
            f"GANFORGE_{str(line['loc'][0]).upper()}: {line['msg']} (found {line['input']!r})"
            for line in error.errors()
        ]
        raise UserError("; ".join(lines)) from error
