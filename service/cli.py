"""`ganforge serve`."""

import logging
import os
from collections.abc import Container
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.errors import UserError
from service import fleet, logs, server, variables
from service.gate import digest_of, new_key
from service.settings import Settings

SECRET = {"api_keys", "admin_key"}

app = typer.Typer()
log = logging.getLogger(__name__)

Option = typer.Option


@app.command()
def serve(
    models: Annotated[list[Path] | None, Option(help="Folder of checkpoints; repeatable.")] = None,
    host: Annotated[str | None, Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, Option(help="Port to listen on. [8000]")] = None,
    workers: Annotated[int | None, Option(help="Services on the port. [1]")] = None,
    device: Annotated[str | None, Option(help="auto, cpu, cuda or cuda:N. [auto]")] = None,
) -> None:
    """Serve trained models over HTTP; every other setting is a GANFORGE_ variable."""
    if missing := [str(folder) for folder in models or () if not folder.is_dir()]:
        raise UserError(f"--models {', '.join(missing)}: no such folder")
    folders = os.pathsep.join(map(str, models)) if models else None
    asked = {"models": folders, "host": host, "port": port, "workers": workers, "device": device}
    given = {name: str(value) for name, value in asked.items() if value is not None}
    os.environ.update({variable(name): value for name, value in given.items()})
    settings = read_settings(given)
    logs.configure(settings.log_level, settings.log_format)
    warn_of_folders(settings)
    variables.warn(os.environ, settings)
    (fleet if settings.workers > 1 else server).run(settings)


@app.command()
def key() -> None:
    """Draw a key for the service, and the digest that GANFORGE_API_KEYS takes."""
    drawn = new_key()
    typer.echo(f"key     {drawn}\ndigest  {digest_of(drawn)}")


def variable(name: str) -> str:
    return f"{variables.PREFIX}{name.upper()}"


def read_settings(flags: Container[str] = ()) -> Settings:
    """Read the settings. Raises UserError, which names each that is wrong as it was given."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{source(line, flags)}: {line['msg']}{found(line)}" for line in error.errors()]
        raise UserError("; ".join(lines)) from error


def source(line: ErrorDetails, flags: Container[str]) -> str:
    """Name where a value is from."""
    name = str(line["loc"][0])
    return f"--{name}" if name in flags else variable(name)


def warn_of_folders(settings: Settings) -> None:
    """Log which folders of models are named and not there: they may come, and may be mistyped."""
    if "models" not in settings.model_fields_set:  # by itself it looks into what need not be there
        return
    missing = [str(folder) for folder in settings.models if not folder.is_dir()]
    if missing:
        log.warning(
            "GANFORGE_MODELS: found no such folder as %s, expected folders of checkpoints with %r "
            "between them: correct the name, or make the folder",
            ", ".join(missing),
            os.pathsep,
        )


def found(line: ErrorDetails) -> str:
    """Show a value that is wrong, unless it may be a key where its digest should be."""
    return "" if line["loc"][0] in SECRET else f" (found {line['input']!r})"
