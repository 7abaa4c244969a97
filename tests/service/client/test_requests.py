"""What the clients can say is all that the service's schemas have."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qsl

import pytest
from pydantic import BaseModel

from service import formats, schemas
from service.client import asked, calls
from service.client.clients import AsyncClient, Client
from service.endpoints import ENDPOINTS
from service.v1.endpoints import V1
from service.v2.endpoints import V2

CODES: asked.Codes = {"categorical": [1], "continuous": [0.5]}
KEYFRAME: asked.Keyframe = {"seed": 1, "latent": [0.5], "class": 1, "codes": CODES}

FULL: Mapping[type[BaseModel], Callable[[], Any]] = {
    schemas.GenerateRequest: lambda: calls.file(
        "m",
        class_=7,
        n=1,
        seed=1,
        truncation=0.5,
        latents=[[0.5]],
        codes=CODES,
        format="png",
    ),
    schemas.InterpolateRequest: lambda: calls.animate(
        "m", [KEYFRAME, KEYFRAME], steps=4, method="lerp", loop=True, format="png"
    ),
    schemas.DiscriminateQuery: lambda: calls.discriminate(b"x", "m", class_=7),
    schemas.ReconstructQuery: lambda: calls.reconstruct(b"x", "m", format="webp"),
    schemas.ImageQuery: lambda: calls.image_path("m", 1, class_=7),
}


def sent(call: Any) -> dict[str, Any]:
    """Read back what a call sends."""
    if isinstance(call, str):
        return dict(parse_qsl(call.partition("?")[2]))
    found: dict[str, Any] = dict(call.query) or json.loads(call.content)
    return found


def everything(read: BaseModel) -> None:
    """See that every field of a request, and of what it holds, was given."""
    assert read.model_fields_set == type(read).model_fields.keys()
    for value in vars(read).values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, BaseModel):
                everything(one)


def requests() -> set[type[BaseModel]]:
    """List what the endpoints take; other protocols have clients of their own."""
    own = [one for one in ENDPOINTS if one not in (*V1, *V2)]
    taken = {one.body for one in own} | {one.query for one in own}
    return {schema for schema in taken if schema is not None}


def test_every_request_is_here() -> None:
    assert FULL.keys() == requests()


@pytest.mark.parametrize("schema", FULL, ids=lambda schema: schema.__name__)
def test_every_field_can_be_given(schema: type[BaseModel]) -> None:
    everything(schema.model_validate(sent(FULL[schema]())))


def test_asked_is_what_generate_takes() -> None:
    """Each method that takes `Asked` takes all of a request but what it decides itself."""
    fields = set(schemas.GenerateRequest.model_fields) - {"model", "format"}
    assert asked.Asked.__annotations__.keys() == fields | {"deadline"}


@pytest.mark.parametrize(
    ("known", "served"),
    [
        (asked.Format, formats.GENERATE),
        (asked.Animation, formats.INTERPOLATE),
        (asked.Rebuilt, formats.RECONSTRUCT),
    ],
)
def test_formats_are_those_of_the_service(known: Any, served: Mapping[str, Any]) -> None:
    assert set(get_args(known)) == set(served)


def test_methods_of_a_way_are_those_of_the_service() -> None:
    (kind,) = (get_type_hints(schemas.InterpolateRequest)["method"],)
    assert get_args(asked.Method) == get_args(kind)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_methods_show_their_arguments_and_what_they_do(kind: type[Any]) -> None:
    shown = inspect.signature(kind.generate)
    assert list(shown.parameters) == ["self", "model", *asked.Asked.__annotations__]
    assert kind.generate.__doc__ == calls.generate.__doc__
    assert kind.generate.__name__ == "generate"


def test_a_name_that_is_no_argument() -> None:
    with pytest.raises(TypeError, match="klass: expected some of class_, n, seed"):
        Client().generate("m", klass=7)  # type: ignore[call-arg]


def test_what_is_not_given_is_not_sent() -> None:
    call = calls.generate("m", class_=None, seed=0, n=None, truncation=0.0, deadline=None)
    assert sent(call) == {"model": "m", "seed": 0, "truncation": 0.0, "format": "zip"}
    assert sent(calls.interpolate("m", [{"seed": 0}, {"seed": 1}])) == {
        "model": "m",
        "keyframes": [{"seed": 0}, {"seed": 1}],
        "format": "npy",
    }
