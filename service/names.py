"""Names: in a JSON object each is there once; what one that is there twice means nobody knows."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from service.errors import InvalidRequestError, wrong

Pairs = Sequence[tuple[str, Any]]
Place = tuple[str, ...]


class Repeating(dict[str, Any]):
    """An object that has a name more than once."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def check(body: bytes, schema: type[BaseModel]) -> None:
    """Raise InvalidRequestError where a name is there twice, in JSON that has been read before.

    Protocols that let be what they do not know let this be, too.
    """
    if strict(schema):
        for place, found in repeating(read(body)):
            raise twice(place, found)


def strict(schema: type[BaseModel]) -> bool:
    """Say whether a name that is not known is an error."""
    return schema.model_config.get("extra") == "forbid"


def read(body: bytes) -> Any:
    """Read JSON; empty where each name is there once, for then there is nothing to look for."""
    found: list[Repeating] = []

    def member(pairs: Pairs) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        found.append(Repeating(pairs))
        return found[-1]

    said = json.loads(body, object_pairs_hook=member)
    return said if found else {}


def repeating(said: Any, place: Place = ()) -> Iterator[tuple[Place, Repeating]]:
    """List the objects that have a name more than once, each with where it is."""
    if isinstance(said, Repeating):
        yield place, said
    for name, one in said.items() if isinstance(said, dict) else enumerate(said):
        if isinstance(one, dict | list):
            yield from repeating(one, (*place, str(name)))


def twice(place: Place, found: Repeating) -> InvalidRequestError:
    """Build the error of the name that is there most often."""
    name, times = Counter(name for name, _ in found.pairs).most_common(1)[0]
    values = [value for other, value in found.pairs if other == name]
    return wrong(".".join((*place, name)), f"given {times} times, expected once", values)
