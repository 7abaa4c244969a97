"""Every route once: what the router serves, what the metrics call it, what OpenAPI says of it."""

from service import formats
from service.endpoint import Endpoint
from service.gate import Access
from service.routes import (
    admin,
    discriminate,
    generate,
    health,
    images,
    interpolate,
    models,
    reconstruct,
)
from service.schemas import (
    DiscriminateQuery,
    GenerateRequest,
    ImageQuery,
    InterpolateRequest,
    ReconstructQuery,
)
from service.v1.endpoints import V1
from service.v2.endpoints import V2


def media_types(offered: dict[str, formats.Format]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.media_type for form in offered.values()))


MAKING = (400, 401, 404, 406, 408, 413, 415, 422, 429, 503, 504)
SEEING = (401, 404, 408, 413, 415, 422, 429, 503, 504)
REFUSED = (401, 403)

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/generate",
        handler=generate.generate,
        body=GenerateRequest,
        media_types=media_types(dict(formats.GENERATE)),
        errors=MAKING,
    ),
    Endpoint(
        method="POST",
        path="/interpolate",
        handler=interpolate.interpolate,
        body=InterpolateRequest,
        media_types=media_types(dict(formats.INTERPOLATE)),
        errors=MAKING,
    ),
    Endpoint(
        method="POST",
        path="/discriminate",
        handler=discriminate.discriminate,
        query=DiscriminateQuery,
        upload=True,
        errors=SEEING,
    ),
    Endpoint(
        method="POST",
        path="/reconstruct",
        handler=reconstruct.reconstruct,
        query=ReconstructQuery,
        upload=True,
        media_types=media_types(dict(formats.RECONSTRUCT)),
        errors=(*SEEING, 406),
    ),
    Endpoint(
        method="GET",
        path="/images/{model}/{seed}.png",
        handler=images.image,
        query=ImageQuery,
        media_types=("image/png",),
        errors=(401, 404, 422, 429, 503, 504),
    ),
    Endpoint(method="GET", path="/models", handler=models.list_models, errors=(401,)),
    Endpoint(method="GET", path="/models/{model}", handler=models.read_model, errors=(401, 404)),
    Endpoint(
        method="POST",
        path="/admin/reload",
        handler=admin.reload,
        errors=REFUSED,
        access=Access.ADMIN,
    ),
    Endpoint(
        method="POST",
        path="/admin/models/{model}/load",
        handler=admin.load,
        errors=(*REFUSED, 404, 422),
        access=Access.ADMIN,
    ),
    Endpoint(
        method="POST",
        path="/admin/models/{model}/unload",
        handler=admin.unload,
        errors=(*REFUSED, 404),
        access=Access.ADMIN,
    ),
    Endpoint(method="GET", path="/healthz", handler=health.healthz, access=Access.OPEN),
    Endpoint(
        method="GET", path="/readyz", handler=health.readyz, errors=(503,), access=Access.OPEN
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=health.metrics,
        media_types=("text/plain", "application/openmetrics-text"),
        access=Access.OPEN,
    ),
    *V1,
    *V2,
)
