"""Variables: names of the environment that begin as ours do, and mean nothing to anybody.

Such a name is most likely a misspelt one, and a service without its keys looks like any other.
"""

import logging
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from service.settings import Settings

PREFIX = "GANFORGE_"

CLIENT_KEY = "GANFORGE_API_KEY"

OTHERS = frozenset(
    {
        CLIENT_KEY,
        "GANFORGE_URL",  # the client's as well
        "GANFORGE_KEY",  # of the commands that the playground copies
        "GANFORGE_DATA",  # training's
        "GANFORGE_SHARED_FOLDER",  # a fleet's own
        "GANFORGE_CHECKPOINTS",  # of the compose files, as are the rest
        "GANFORGE_IMAGE",
        "GANFORGE_TRAIN_IMAGE",
        "GANFORGE_USER",
    }
)
"""What is read by others than `serve`; a test holds this to the code."""

SETTINGS = tuple(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)

log = logging.getLogger(__name__)


def warn(environment: Mapping[str, str], settings: Settings) -> None:
    """Log what was most likely meant for the service and does nothing; no value, it may be a key.

    It is no error: a variable of another version has to stop no container.
    """
    given = {name.upper() for name, value in environment.items() if value}
    for name in strange(given):
        hint = f"did you mean {close}?" if (close := nearest(name)) else "remove it"
        log.warning("%s: found, expected a variable of docs/settings.md: %s", name, hint)
    if CLIENT_KEY in given and not settings.api_keys:
        log.warning(
            "%s: found, which is the client's, expected GANFORGE_API_KEYS with NAME:DIGEST, as "
            "`ganforge key` draws: set it, without it everybody may ask",
            CLIENT_KEY,
        )


def strange(given: set[str]) -> Iterator[str]:
    """List the names that nobody reads."""
    known = {*SETTINGS, *OTHERS}
    return (name for name in sorted(given) if name.startswith(PREFIX) and name not in known)


def nearest(name: str) -> str | None:
    """Find the name that is most like it, without what all names have in common."""
    rest = [known.removeprefix(PREFIX) for known in (*SETTINGS, *OTHERS)]
    close = get_close_matches(name.removeprefix(PREFIX), rest, 1)
    return f"{PREFIX}{close[0]}" if close else None
