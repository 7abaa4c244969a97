"""Names: in a JSON object each is there once; what one that is there twice means nobody knows."""

import json
from collections import Counter
from typing import Any

from pydantic import BaseModel

from service.errors import wrong


def check(body: bytes, schema: type[BaseModel]) -> None:
    """Raise InvalidRequestError where a name is there twice, in JSON that has been read before.

    Protocols that let be what they do not know let this be, too.
    """
    if strict(schema):
        json.loads(body, object_pairs_hook=once)


def strict(schema: type[BaseModel]) -> bool:
    """Say whether a name that is not known is an error."""
    return schema.model_config.get("extra") == "forbid"


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name, times = Counter(name for name, _ in pairs).most_common(1)[0]
        values = [value for other, value in pairs if other == name]
        raise wrong(name[:100], f"given {times} times, expected once", values)
    return found
