"""Every error that a client can see, and the one place where errors become responses.

ServiceError
├── BadJSONError 400         the body is not JSON
├── UnauthorizedError 401    no key, or one that nobody has
├── ForbiddenError 403       the key of somebody who may not
├── UnknownModelError 404    no model of that name is served
├── UnknownFileError 404     no model of that name can be loaded
├── UnknownWeightsError 404  the model has others by now
├── NotAcceptableError 406   no format that the client accepts
├── SlowBodyError 408        the rest of the body does not come
├── BodyTooLargeError 413
├── EncodingError 415        the body is packed in another way than it says, or than is known here
├── NotAnImageError 415      the body is no image
├── InvalidRequestError 422  JSON that does not fit the endpoint or the model
├── RefusedError 422         the file holds no model that can be served
├── QuotaError 429           the key has had its images for now
├── GoneError 499            the client left; only the metrics see it
├── NotOfferedError 501      a part of a protocol that there is no use for here
├── OverloadedError 503      the queue is full, or the service is going down
│   └── TooBusyError 503     it would take longer than the request may
└── ExpiredError 504         the time that the request may take is over
"""

import json
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service import shapes
from service.shapes import PROBLEM, Fault, Shape

log = logging.getLogger(__name__)

SHOWN = 5
"""Of what is wrong with a request, so much is said: a long list helps nobody and takes long."""

LONGEST = 100
"""So many signs of what a request says are repeated to it."""


def brief(found: object) -> str:
    """Write what a request says, cut off, for a message: a number too may have any length."""
    return str(found)[:LONGEST]


def meant(name: str, names: Sequence[str]) -> str:
    """Ask whether another name was meant, if one is like it; to compare long ones takes seconds."""
    close = [one for one in names if one.lower() == name.lower()]
    close = close or get_close_matches(name, names, 1)
    return f" did you mean {close[0]!r}?" if close else ""


class ServiceError(Exception):
    """An answer that is not 2xx: `detail` says what was found, expected and to be done."""

    status: ClassVar[int] = 500
    reason: ClassVar[str] = "error"

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = list(errors)


class BadJSONError(ServiceError):
    status, reason = 400, "bad_json"


class UnauthorizedError(ServiceError):
    status, reason = 401, "unauthorized"

    def __init__(self) -> None:
        super().__init__(
            "no key, or an unknown one: expected a header `Authorization: Bearer KEY`",
            headers={"WWW-Authenticate": "Bearer"},
        )


class ForbiddenError(ServiceError):
    status, reason = 403, "forbidden"


class UnknownModelError(ServiceError):
    status, reason = 404, "unknown_model"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names, name = sorted(known), brief(name)
        super().__init__(
            f"model {name!r} is not served;{meant(name, names)} expected one of "
            f"{', '.join(names) or 'none, for no model is loaded'}; GET /models describes them"
        )


class UnknownFileError(ServiceError):
    status, reason = 404, "unknown_model"

    def __init__(self, name: str, files: Iterable[str]) -> None:
        names, name = sorted(files), brief(name)
        super().__init__(
            f"model {name!r}: no file of that name;{meant(name, names)} there are "
            f"{', '.join(names) or 'none'}: load one of these, or put its file into a folder of "
            "GANFORGE_MODELS"
        )


class UnknownWeightsError(ServiceError):
    status, reason = 404, "unknown_weights"


class NotAcceptableError(ServiceError):
    status, reason = 406, "not_acceptable"


class BodyTooLargeError(ServiceError):
    status, reason = 413, "body_too_large"

    def __init__(self, found: str, limit: int) -> None:
        super().__init__(
            f"the body is limited to {limit} bytes and has {found}: ask for less in one request, "
            "send a smaller picture, or raise GANFORGE_MAX_BODY_BYTES"
        )


class SlowBodyError(ServiceError):
    status, reason = 408, "body_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the body was not whole after {seconds:g} seconds: send what content-length says",
            headers={"Connection": "close"},
        )


class EncodingError(ServiceError):
    status, reason = 415, "encoding"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Accept-Encoding": "gzip, deflate"})


class NotAnImageError(ServiceError):
    status, reason = 415, "not_an_image"


class InvalidRequestError(ServiceError):
    status, reason = 422, "invalid"


class QuotaError(ServiceError):
    status, reason = 429, "quota"

    def __init__(self, owner: str, per_minute: int, wait: float) -> None:
        super().__init__(
            f"{owner!r} may ask for {per_minute} images a minute: try again in {wait:.2g} seconds",
            headers={"Retry-After": str(max(1, math.ceil(wait)))},
        )


class RefusedError(ServiceError):
    status, reason = 422, "refused"


class GoneError(ServiceError):
    status, reason = 499, "disconnected"


class NotOfferedError(ServiceError):
    status, reason = 501, "not_offered"


class OverloadedError(ServiceError):
    status, reason = 503, "overloaded"

    def __init__(self, detail: str, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        super().__init__(detail, headers={"Retry-After": str(self.retry_after)})


class TooBusyError(OverloadedError):
    reason = "deadline"


class ExpiredError(ServiceError):
    status, reason = 504, "expired"


def finding(field: str, message: str, found: Any) -> dict[str, str]:
    """Say what is wrong with one field of a request; a field nobody knows has any name."""
    shown = json.dumps(found, ensure_ascii=False, default=repr)
    return {"field": brief(field), "message": message, "found": brief(shown)}


def wrong(field: str, message: str, found: Any) -> InvalidRequestError:
    """Build the error of one field; `message` says what is expected of it.

    What it repeats of the request is `brief`.
    """
    said = finding(field, message, found)
    return InvalidRequestError(f"{said['field']}: {message}", errors=[said])


TAGS = ("one", "each")
"""Where pydantic says which kind of a union it took: of no use to who sent it."""


def invalid(error: ValidationError, schema: type[BaseModel]) -> ServiceError:
    """Turn pydantic's findings into ours: for each, where, what was found, what was expected."""
    lines = error.errors(include_url=False, include_context=False)
    found = [
        finding(
            ".".join(str(part) for part in line["loc"] if part not in TAGS),
            unknown(schema_at(schema, line["loc"]))
            if line["type"] == "extra_forbidden"
            else line["msg"],
            line["input"],
        )
        for line in lines[:SHOWN]
    ]
    if lines[0]["type"] == "json_invalid":
        return BadJSONError(f"the body is not JSON: {found[0]['message']}")
    text = "; ".join(f"{e['field'] or 'body'}: {e['message']} (found {e['found']})" for e in found)
    more = len(lines) - len(found)
    return InvalidRequestError(f"{text}; and {more} more" if more else text, errors=found)


def unknown(schema: type[BaseModel]) -> str:
    """Say that a field is none of a schema's."""
    return f"an unknown field: expected some of {', '.join(fields(schema))}"


def fields(schema: type[BaseModel]) -> dict[str, FieldInfo]:
    """List the fields of a schema by the names that requests use."""
    return {field.alias or name: field for name, field in schema.model_fields.items()}


def schema_at(schema: type[BaseModel], place: Iterable[int | str]) -> type[BaseModel]:
    """Find the innermost schema on the way to a place."""
    for part in place:
        field = fields(schema).get(str(part))
        schema = next(schemas_in(field.annotation), schema) if field else schema
    return schema


def schemas_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """List the schemas that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from schemas_in(part)


def written(shape: Shape, fault: Fault, headers: Mapping[str, str]) -> Response:
    """Answer with an error in a protocol's shape."""
    status = shape.status(fault.status)
    body = shape.body(fault._replace(status=status))
    return JSONResponse(body, status, media_type=shape.media_type, headers=dict(headers))


def problem(status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """Build an RFC 9457 answer."""
    return written(PROBLEM, Fault(status, detail, "http"), headers)


async def on_service_error(request: Request, error: Exception) -> Response:
    """Answer with an error of ours."""
    assert isinstance(error, ServiceError)
    request.app.state.service.metrics.rejected.labels(error.reason).inc()
    fault = Fault(error.status, error.detail, error.reason, error.errors)
    return written(shapes.of(request.scope["path"]), fault, error.headers)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer with an error of the router's: no such route, or not with this method."""
    assert isinstance(error, HTTPException)
    headers = error.headers or {}
    found = f"{request.method} {request.url.path[:100]}: {error.detail}"
    expected = f", expected {headers['Allow']}" if "Allow" in headers else ""
    fault = Fault(error.status_code, f"{found}{expected}; /docs lists all routes", "no_route")
    return written(shapes.of(request.scope["path"]), fault, headers)


async def on_bug(request: Request, error: Exception) -> Response:
    """Answer when the fault is ours; the log has the traceback."""
    detail = "an internal error, which the log describes; the request was not at fault"
    return written(shapes.of(request.scope["path"]), Fault(500, detail, "bug"), {})


HANDLERS = {ServiceError: on_service_error, HTTPException: on_http_error, Exception: on_bug}
