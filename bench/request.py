"""Request: how a server is asked for one image, and what of its answer is the PNG."""

from dataclasses import dataclass
from string import Template


@dataclass(frozen=True, kw_only=True)
class Request:
    """JSON to post and where to; `$model` and `$seed` stand for theirs.

    `headed`: the protocol puts a head of its own into the body of the answer, before the PNG;
    `size`: what the PNG has to measure, width and height.
    """

    path: str
    body: str
    headed: bool = False
    size: tuple[int, int] = (28, 28)

    def to(self, model: str) -> str:
        """Return the path for a model."""
        return Template(self.path).substitute(model=model)

    def of(self, model: str, seed: int | str) -> str:
        """Return the body for a model and a seed."""
        return Template(self.body).substitute(model=model, seed=seed)


GENERATE = Request(path="/generate", body='{"model":"$model","class":7,"seed":$seed}')
# The KServe protocol, version 2, with the output as bytes: as JSON it could not be a PNG.
INFER = Request(
    path="/v2/models/$model/infer",
    body='{"inputs":[{"name":"class","shape":[1,1],"datatype":"INT64","data":[7]},'
    '{"name":"seed","shape":[1,1],"datatype":"INT64","data":[$seed]}],'
    '"outputs":[{"name":"png","parameters":{"binary_data":true}}]}',
    headed=True,
)
