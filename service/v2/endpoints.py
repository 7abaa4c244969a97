"""The Open Inference Protocol's endpoints."""

from collections.abc import Iterator
from dataclasses import replace

from service.endpoint import Endpoint
from service.gate import Access
from service.routes.v2 import infer, models, repository, server
from service.v2 import codec
from service.v2.answer import BINARY, JSON
from service.v2.schemas import ControlRequest, IndexRequest, InferRequest

MODEL, OF_VERSION = "/v2/models/{model}", "/versions/{version}"
BODY = (400, 408, 413, 415)
REFUSED = (401, 403, 404)


def versioned(endpoint: Endpoint) -> Iterator[Endpoint]:
    """Serve a model's path also where the version is named."""
    yield endpoint
    path = endpoint.path.replace(MODEL, MODEL + OF_VERSION)
    yield replace(endpoint, path=path, name=f"{endpoint.handler.__name__}_of_version")


V2 = (
    *versioned(
        Endpoint(
            method="POST",
            path=f"{MODEL}/infer",
            handler=infer.infer,
            body=InferRequest,
            others=(BINARY,),
            headers={codec.LENGTH: {"type": "integer", "minimum": 0}},
            media_types=(JSON, BINARY),
            errors=(*BODY, 401, 404, 429, 503, 504),
        )
    ),
    Endpoint(method="GET", path="/v2", handler=server.server_metadata, errors=(401,)),
    Endpoint(method="GET", path="/v2/health/live", handler=server.server_live, access=Access.OPEN),
    Endpoint(
        method="GET",
        path="/v2/health/ready",
        handler=server.server_ready,
        errors=(503,),
        access=Access.OPEN,
    ),
    Endpoint(method="GET", path="/v2/models/stats", handler=models.statistics, errors=(401,)),
    *versioned(
        Endpoint(method="GET", path=MODEL, handler=models.model_metadata, errors=(401, 404))
    ),
    *versioned(
        Endpoint(
            method="GET",
            path=f"{MODEL}/ready",
            handler=models.model_ready,
            errors=(404,),
            access=Access.OPEN,
        )
    ),
    *versioned(
        Endpoint(
            method="GET", path=f"{MODEL}/config", handler=models.model_config, errors=(401, 404)
        )
    ),
    *versioned(
        Endpoint(
            method="GET", path=f"{MODEL}/stats", handler=models.model_statistics, errors=(401, 404)
        )
    ),
    Endpoint(
        method="POST",
        path="/v2/repository/index",
        handler=repository.repository_index,
        body=IndexRequest,
        optional=True,
        errors=(*BODY, 401),
    ),
    Endpoint(
        method="POST",
        path="/v2/repository/models/{model}/load",
        handler=repository.repository_load,
        body=ControlRequest,
        optional=True,
        errors=(*BODY, *REFUSED),
        access=Access.ADMIN,
    ),
    Endpoint(
        method="POST",
        path="/v2/repository/models/{model}/unload",
        handler=repository.repository_unload,
        body=ControlRequest,
        optional=True,
        errors=(*BODY, *REFUSED),
        access=Access.ADMIN,
    ),
)

NOT_OFFERED = tuple(
    Endpoint(method=method, path=path, handler=server.not_offered, errors=(401, 501))
    for root in (
        "/v2/trace",
        f"{MODEL}/trace",
        "/v2/logging",
        "/v2/systemsharedmemory",
        "/v2/cudasharedmemory",
    )
    for path in (root, f"{root}/{{rest:path}}")
    for method in ("GET", "POST")
)
"""What clients may ask for, all of an extension, and OpenAPI does not list: there is none."""
