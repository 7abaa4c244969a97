"""OpenAPI 3.1 of the endpoints, from their schemas and docstrings."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from service.endpoints import Endpoint
from service.schemas import Query

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "description": "RFC 9457: what was found, what was expected, what to do",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


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
        "paths": paths,
        "components": {"schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM}},
    }


def operation(endpoint: Endpoint) -> Json:
    """Describe one endpoint."""
    names = re.findall(r"\{(\w+)\}", endpoint.path)
    described: Json = {
        "operationId": endpoint.handler.__name__,
        "summary": (endpoint.handler.__doc__ or "").strip(),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ],
        "responses": {"200": ok(endpoint)} | {str(code): refusal(code) for code in endpoint.errors},
    }
    if endpoint.body:
        schema = {"$ref": f"#/components/schemas/{endpoint.body.__name__}"}
        content = {"application/json": {"schema": schema}}
        described["requestBody"] = {"required": True, "content": content}
    if endpoint.query:
        described["parameters"] += parameters(endpoint.query)
    if endpoint.upload:
        described["requestBody"] = {"required": True, "content": {"image/*": {}}}
    return described


def parameters(query: type[Query]) -> list[Json]:
    """Describe what may stand behind the `?`."""
    schema = query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


def ok(endpoint: Endpoint) -> Json:
    return {"description": "OK", "content": {name: {} for name in endpoint.media_types}}


def refusal(code: int) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": HTTPStatus(code).phrase,
        "content": {"application/problem+json": {"schema": schema}},
    }
