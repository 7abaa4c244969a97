"""OpenAI's endpoints."""

from service.endpoint import Endpoint
from service.routes.v1 import images, models
from service.v1.schemas import ImagesRequest

V1 = (
    Endpoint(
        method="POST",
        path="/v1/images/generations",
        handler=images.generations,
        body=ImagesRequest,
        errors=(400, 401, 404, 408, 413, 415, 429, 503, 504),
    ),
    Endpoint(method="GET", path="/v1/models", handler=models.list_as_openai, errors=(401,)),
    Endpoint(
        method="GET", path="/v1/models/{model}", handler=models.read_as_openai, errors=(401, 404)
    ),
)
