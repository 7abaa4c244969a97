"""Shapes: how errors are written. Each protocol has a shape of its own, which its paths begin with.

What is wrong is decided elsewhere and once; a shape only says it in the protocol's words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

Json = dict[str, Any]


class Fault(NamedTuple):
    """What is wrong: a status, a sentence, a reason of one word, and the fields it is about."""

    status: int
    detail: str
    reason: str
    errors: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a protocol writes an error; `schema` describes it in OpenAPI under `name`.

    A status of ours that a protocol's clients do not expect is another one in `statuses`.
    """

    name: str
    media_type: str
    schema: Json
    body: Callable[[Fault], Json]
    statuses: Mapping[int, int] = field(default_factory=dict)

    def status(self, status: int) -> int:
        """Give the protocol's status for one of ours."""
        return self.statuses.get(status, status)


def problem(fault: Fault) -> Json:
    """Write an RFC 9457 problem."""
    known = fault.status in HTTPStatus._value2member_map_
    title = HTTPStatus(fault.status).phrase if known else "Client Closed Request"
    told: Json = {"type": "about:blank", "title": title, "status": fault.status}
    told["detail"] = fault.detail
    return {**told, "errors": list(fault.errors)} if fault.errors else told


def inference(fault: Fault) -> Json:
    """Write an error of the Open Inference Protocol: one text."""
    return {"error": fault.detail}


CODES: Mapping[str, str] = MappingProxyType(
    {
        "unknown_model": "model_not_found",
        "unauthorized": "invalid_api_key",
        "quota": "rate_limit_exceeded",
    }
)
"""What OpenAI's API calls these reasons of ours; programs look for them."""


def kind(status: int) -> str:
    """Say what OpenAI's API calls errors of a status."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return "rate_limit_error" if status == HTTPStatus.TOO_MANY_REQUESTS else "invalid_request_error"


def openai(fault: Fault) -> Json:
    """Write an error of OpenAI's API."""
    param = fault.errors[0]["field"] if fault.errors else None
    code = CODES.get(fault.reason, fault.reason)
    told = {"message": fault.detail, "type": kind(fault.status), "param": param or None}
    return {"error": {**told, "code": code}}


INVALID: Mapping[int, int] = MappingProxyType(
    {HTTPStatus.UNPROCESSABLE_ENTITY: HTTPStatus.BAD_REQUEST}
)
"""In both protocols what does not fit is 400."""

TEXT: Json = {"type": "string"}

PROBLEM = Shape(
    name="Problem",
    media_type="application/problem+json",
    body=problem,
    schema={
        "type": "object",
        "description": "RFC 9457: what was found, what was expected, what to do",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "errors": {"type": "array", "items": {"type": "object"}},
        },
    },
)
INFERENCE = Shape(
    name="InferenceError",
    media_type="application/json",
    body=inference,
    statuses=INVALID,
    schema={"type": "object", "required": ["error"], "properties": {"error": TEXT}},
)
OPENAI = Shape(
    name="OpenAIError",
    media_type="application/json",
    body=openai,
    statuses=INVALID,
    schema={
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": TEXT,
                    "type": TEXT,
                    "param": {"type": ["string", "null"]},
                    "code": {"type": ["string", "null"]},
                },
            }
        },
    },
)

SHAPES = (PROBLEM, INFERENCE, OPENAI)
OF_PROTOCOL: Mapping[str, Shape] = MappingProxyType({"v2": INFERENCE, "v1": OPENAI})


def of(path: str) -> Shape:
    """Find the shape in which errors under a path are written."""
    return OF_PROTOCOL.get(path[1:].partition("/")[0], PROBLEM)
