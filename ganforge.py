"""The `ganforge` command and, for programs, the client: each imported when it is called.

Serving never imports training or the client, and starting a server does not wait for matplotlib.
`ganforge.Client` is `service.client.Client`, and so is all else that `service.client` exports;
`dir` and `__all__` list that, and the version.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from models.errors import UserError

if TYPE_CHECKING:  # for editors and type checkers; programs are given them below
    from service.client import *  # noqa: F403

    __version__: str

CLIENT = "service.client"

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "serve": "service.cli",
        "key": "service.cli",
        "generate": "service.client.cli",
        "models": "service.client.cli",
        "train": "training.cli",
        "evaluate": "training.cli",
        "classifier": "training.cli",
        "zoo": "training.zoo.cli",
        "modes": "training.zoo.modes",
    }
)


class Commands(TyperGroup):
    """The table above as a group that imports a command's module at its first use."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        try:
            module = import_module(COMMANDS[cmd_name])
        except ModuleNotFoundError as error:
            return missing(cmd_name, error.name)
        found = get_command(module.app)
        return found.commands[cmd_name] if isinstance(found, TyperGroup) else found


def missing(command: str, module: str | None) -> TyperCommand:
    """Stand in for a command whose packages are not there, so that the others can be listed."""
    from rich.markup import escape  # what lists them reads [train] as markup

    needs = f"needs {module}: pip install -c constraints.txt -e '.[train]' in a clone"

    def refuse() -> None:
        raise UserError(f"`ganforge {command}` {needs}")

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return TyperCommand(
        command,
        callback=refuse,
        help=escape(f"({needs})"),
        context_settings=anything,
        add_help_option=False,
    )


app = typer.Typer(cls=Commands, no_args_is_help=True, help="Train GANs and serve what was trained.")


def tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ganforge {version()}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=tell_version, is_eager=True, help="Say which this is."),
    ] = False,
) -> None:
    pass


def version() -> str:
    """Say which version is installed."""
    from importlib import metadata

    return metadata.version("ganforge")


def public() -> list[str]:
    """List what programs may use."""
    return [*import_module(CLIENT).__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Give what the client exports, the version, and the list of these."""
    if name in LAZY:
        return LAZY[name]()
    if not name.startswith("_"):
        client = import_module(CLIENT)
        if name in client.__all__:
            return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


LAZY: Mapping[str, Callable[[], Any]] = MappingProxyType(
    {"__version__": version, "__all__": public}
)


def __dir__() -> list[str]:
    return public()


def main() -> None:
    """Run the command; a user's error is one line and exit code 1, a Ctrl-C is 130."""
    try:
        app()
    except (UserError, OSError) as error:
        sys.exit(f"ganforge: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
