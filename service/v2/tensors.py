"""Tensors: what a model takes and what it gives, by the Open Inference Protocol's names."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from models.card import ModelCard
from service.errors import InvalidRequestError
from service.v2.schemas import Input, Output

ANY = -1
"""The first dimension of every tensor: how many images."""

CONFIG_TYPES: Mapping[str, str] = MappingProxyType({"BYTES": "TYPE_STRING"})


class Tensor(NamedTuple):
    """A tensor of a model: its rows are images."""

    name: str
    datatype: str
    shape: tuple[int, ...]

    def metadata(self) -> dict[str, Any]:
        """Describe it as metadata does."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}

    def config(self) -> dict[str, Any]:
        """Describe it as a model's configuration does, which leaves out the number of images."""
        kind = CONFIG_TYPES.get(self.datatype, f"TYPE_{self.datatype}")
        return {"name": self.name, "data_type": kind, "dims": list(self.shape[1:])}

    def rows(self, found: Input) -> int:
        """Say how many images a tensor of a request is for. Raises InvalidRequestError."""
        shape = tuple(found.shape)
        wanted = [(*shape[:1], *self.shape[1:])]
        if self.shape[1:] == (1,):
            wanted.append(shape[:1])
        if found.datatype != self.datatype or not shape or shape not in wanted:
            raise InvalidRequestError(
                f"{self.name}: found {found.datatype} {list(shape)}, expected {self.datatype} "
                f"{list(self.shape)}, where {ANY} is the number of images"
            )
        return shape[0]


def inputs(card: ModelCard) -> list[Tensor]:
    """List what a model can be given."""
    found = [Tensor("seed", "INT64", (ANY, 1)), Tensor("z", "FP32", (ANY, card.latent.dimension))]
    if card.conditional:
        found.append(Tensor("class", "INT64", (ANY, 1)))
    if card.codes is not None:
        found.append(Tensor("codes", "FP32", (ANY, card.codes.width)))
    return [*found, Tensor("truncation", "FP32", (ANY, 1))]


def outputs(card: ModelCard) -> list[Tensor]:
    """List what a model makes: pixels, each image as a PNG, and of which class it is."""
    image = card.image
    found = [
        Tensor("image", "UINT8", (ANY, image.height, image.width, image.channels)),
        Tensor("png", "BYTES", (ANY,)),
    ]
    return [*found, Tensor("class", "INT64", (ANY, 1))] if card.conditional else found


T = TypeVar("T", Input, Output)


def named(asked: Iterable[T], known: Sequence[Tensor], what: str) -> list[tuple[Tensor, T]]:
    """Put what a request names beside what the model has. Raises InvalidRequestError."""
    table = {tensor.name: tensor for tensor in known}
    found: dict[str, tuple[Tensor, T]] = {}
    for one in asked:
        if one.name not in table:
            raise InvalidRequestError(
                f"{what}: the model has no {one.name[:100]!r}, expected some of {', '.join(table)}"
            )
        if one.name in found:
            raise InvalidRequestError(f"{what}: {one.name} is named twice")
        if one.parameters is not None and one.parameters.shared_memory_region is not None:
            raise InvalidRequestError(
                f"{what}: {one.name} is in shared memory, which is not offered: send it in the body"
            )
        found[one.name] = table[one.name], one
    return list(found.values())


def count(asked: Iterable[tuple[Tensor, Input]], limit: int) -> int:
    """Say how many images a request is for. Raises InvalidRequestError."""
    rows = {tensor.name: tensor.rows(one) for tensor, one in asked}
    if len(set(rows.values())) > 1:
        told = ", ".join(f"{name} {number}" for name, number in rows.items())
        raise InvalidRequestError(f"inputs: they are of as many images each, found {told}")
    number = next(iter(rows.values()), 0)
    if not 1 <= number <= limit:
        raise InvalidRequestError(f"inputs: {number} images are asked for, expected 1 to {limit}")
    return number
