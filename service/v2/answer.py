"""Answer: the tensors that a request wants of the images that were made for it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from service.catalog import Entry
from service.engine.work import Classes
from service.picture import Picture
from service.png import png
from service.v2 import codec, tensors
from service.v2.codec import Answered, Array
from service.v2.schemas import InferRequest
from service.v2.tensors import Tensor

BINARY, JSON = "application/octet-stream", "application/json"

Maker = Callable[[Picture, Classes | None], Array | Sequence[bytes]]


def column(picture: Picture, classes: Classes | None) -> Array:
    """Give the class of each image, (n, 1)."""
    assert classes is not None, "only a conditional model has this output"
    return classes.reshape(-1, 1)


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "image": lambda picture, _: picture.images,
        "png": lambda picture, _: [png(image) for image in picture.images],
        "class": column,
    }
)


class Answer:
    """What is to be sent; `head` is known when it is written: how much of it is JSON, if not all.

    Raises InvalidRequestError for an output that the model has not.
    """

    def __init__(self, asked: InferRequest, entry: Entry) -> None:
        self.head: int | None = None
        self._id = asked.id
        self._wanted = wanted(asked, entry)

    @property
    def media_type(self) -> str:
        """What it is, as a whole."""
        return BINARY if any(self._wanted.values()) else JSON

    def write(self, picture: Picture, classes: Classes | None) -> bytes:
        """Write it."""
        fields = {"model_name": picture.model, "model_version": picture.digest}
        if self._id is not None:
            fields["id"] = self._id
        outputs = [
            Answered(
                name=tensor.name,
                datatype=tensor.datatype,
                content=MAKERS[tensor.name](picture, classes),
                binary=binary,
            )
            for tensor, binary in self._wanted.items()
        ]
        body, self.head = codec.write(fields, outputs)
        return body


def wanted(asked: InferRequest, entry: Entry) -> Mapping[Tensor, bool]:
    """List the tensors that are wanted, and whether each is to be binary."""
    known = tensors.outputs(entry.card)
    binary = asked.parameters is not None and asked.parameters.binary_data_output
    if not asked.outputs:
        return dict.fromkeys(known, binary)
    found = {}
    for tensor, one in tensors.named(asked.outputs, known, "outputs"):
        own = None if one.parameters is None else one.parameters.binary_data
        found[tensor] = binary if own is None else own
    return found
