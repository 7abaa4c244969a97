"""OpenAPI 3.1 of the endpoints, from their schemas and docstrings."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from importlib.metadata import version

from pydantic.json_schema import models_json_schema

from service import tags
from service.endpoint import Endpoint
from service.schemas import Query
from service.shapes import SHAPES, Json, Shape


def document(endpoints: Iterable[Endpoint]) -> Json:
    """Describe every endpoint."""
    endpoints = list(endpoints)
    bodies = [(e.body, "validation") for e in endpoints if e.body]
    _, schemas = models_json_schema(bodies, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    paths: Json = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "ganforge", "version": version("ganforge")},
        "tags": [tag.described for tag in tags.TAGS],
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), **{s.name: s.schema for s in SHAPES}}
        },
    }


def operation(endpoint: Endpoint) -> Json:
    """Describe one endpoint."""
    refusals = {str(code): refusal(code, endpoint.shape) for code in endpoint.errors}
    described: Json = {
        "operationId": endpoint.name or endpoint.handler.__name__,
        "tags": [tags.of(endpoint.path).name],
        "summary": (endpoint.handler.__doc__ or "").strip(),
        "parameters": list(parameters(endpoint)),
        "responses": {"200": ok(endpoint)} | refusals,
    }
    if endpoint.body or endpoint.upload:
        required = not endpoint.optional
        described["requestBody"] = {"required": required, "content": content(endpoint)}
    return described


def content(endpoint: Endpoint) -> Json:
    """Describe what a body may be."""
    if endpoint.body is None:
        return {"image/*": {}}
    schema = {"$ref": f"#/components/schemas/{endpoint.body.__name__}"}
    return {"application/json": {"schema": schema}} | {name: {} for name in endpoint.others}


def parameters(endpoint: Endpoint) -> Iterator[Json]:
    """Describe what the path, the headers and what stands behind the `?` say."""
    for name in re.findall(r"\{(\w+)\}", endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name, schema in endpoint.headers.items():
        yield {"name": name, "in": "header", "required": False, "schema": schema}
    if endpoint.query:
        yield from queries(endpoint.query)


def queries(query: type[Query]) -> list[Json]:
    """Describe what may stand behind the `?`."""
    schema = query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


def ok(endpoint: Endpoint) -> Json:
    return {"description": "OK", "content": {name: {} for name in endpoint.media_types}}


def refusal(code: int, shape: Shape) -> Json:
    schema = {"$ref": f"#/components/schemas/{shape.name}"}
    return {
        "description": HTTPStatus(code).phrase,
        "content": {shape.media_type: {"schema": schema}},
    }
