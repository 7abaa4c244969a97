"""Codec: from the bytes of a request to arrays and back, as JSON or as binary tensors behind it.

Binary is little endian, row after row; of BYTES each element stands behind its length, 32 bits.
"""

import base64
import json
import math
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from service.errors import InvalidRequestError
from service.v2.schemas import InferParameters, InferRequest, Input, InputParameters

LENGTH = "Inference-Header-Content-Length"
"""The header that says how much of a body is JSON."""

STEP = 1 << 12
"""So many numbers are written at a time: whoever shares the processor waits no longer."""

Array = npt.NDArray[Any]


class Kind(NamedTuple):
    """A datatype of requests: how it is stored, what JSON may say in its place, as what."""

    stored: str
    written: frozenset[type]
    read: type[np.generic]
    name: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "INT64": Kind("<i8", frozenset({int}), np.int64, "integers of 64 bits"),
        "FP32": Kind("<f4", frozenset({int, float}), np.float64, "numbers of 32 bits"),
    }
)


def cut(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    """Cut a body into its JSON and what stands behind it. Raises InvalidRequestError."""
    if length is None:
        return body, b""
    if not re.fullmatch("[0-9]{1,12} *", length) or int(length) > len(body):
        raise InvalidRequestError(
            f"{LENGTH}: found {length[:50]!r}, expected how many of the body's {len(body)} bytes "
            "are JSON"
        )
    return body[: int(length)], body[int(length) :]


def raw(name: str, content: bytes) -> InferRequest:
    """Make the request that a body without any JSON stands for: one tensor, answered in kind."""
    size = InputParameters(binary_data_size=len(content))
    shape = [len(content) // np.dtype(KINDS["INT64"].stored).itemsize, 1]
    tensor = Input(name=name, shape=shape, datatype="INT64", parameters=size)
    return InferRequest(inputs=[tensor], parameters=InferParameters(binary_data_output=True))


def arrays(inputs: Iterable[Input], content: bytes) -> dict[str, Array]:
    """Read the tensors of a request, whose datatypes are some of KINDS.

    Raises InvalidRequestError for what is not as it says of itself.
    """
    found, place = {}, 0
    for one in inputs:
        size = None if one.parameters is None else one.parameters.binary_data_size
        if (size is None) == (one.data is None):
            raise InvalidRequestError(f"{one.name}: expected either data or binary_data_size")
        if size is None:
            found[one.name] = of_json(one)
        else:
            found[one.name] = of_bytes(one, content[place : place + size], size)
            place += size
    if place != len(content):
        raise InvalidRequestError(
            f"the body has {len(content)} bytes behind the JSON, the inputs' binary_data_size come "
            f"to {place}"
        )
    return found


def of_bytes(one: Input, content: bytes, size: int) -> Array:
    """Read a binary tensor. Raises InvalidRequestError."""
    stored = np.dtype(KINDS[one.datatype].stored)
    wanted = math.prod(one.shape) * stored.itemsize
    if size != wanted:
        raise InvalidRequestError(
            f"{one.name}: binary_data_size is {size}, {one.datatype} {one.shape} has {wanted} bytes"
        )
    if len(content) != size:
        raise InvalidRequestError(
            f"{one.name}: binary_data_size is {size}, the body ends after {len(content)} of them"
        )
    return np.frombuffer(content, stored).astype(stored.newbyteorder("=")).reshape(one.shape)


def of_json(one: Input) -> Array:
    """Read a tensor of JSON, flat or nested. Raises InvalidRequestError."""
    kind, wanted = KINDS[one.datatype], math.prod(one.shape)
    try:
        values = flat(one)
        if not set(map(type, values)) <= kind.written:
            raise TypeError
        array = np.array(values, kind.read)
    except (TypeError, OverflowError):
        raise InvalidRequestError(
            f"{one.name}: data has something else in it than {kind.name}"
        ) from None
    if array.size != wanted:
        raise InvalidRequestError(
            f"{one.name}: data has {array.size} values, {one.datatype} {one.shape} has {wanted}"
        )
    with np.errstate(over="ignore"):  # what is too large is infinite, and refused for that
        return array.astype(np.dtype(kind.stored).newbyteorder("=")).reshape(one.shape)


def flat(one: Input) -> list[Any]:
    """Undo the nesting of lists. Raises InvalidRequestError where some differ from the first."""
    data = one.data or []
    while data and type(data[0]) is list:
        lengths = {len(part) if type(part) is list else None for part in data}
        if len(lengths) > 1:
            raise InvalidRequestError(
                f"{one.name}: data is ragged: found lists of different lengths or depths, expected "
                f"{one.datatype} {one.shape}, flat or nested row after row"
            )
        data = list(chain.from_iterable(data))
    return data


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A tensor of an answer: an array, or of BYTES a list."""

    name: str
    datatype: str
    content: Array | Sequence[bytes]
    binary: bool

    @property
    def shape(self) -> list[int]:
        """Its dimensions, the number of images first."""
        return list(getattr(self.content, "shape", (len(self.content),)))

    def binary_content(self) -> bytes:
        """Write it as binary."""
        if isinstance(self.content, np.ndarray):
            return self.content.astype(self.content.dtype.newbyteorder("<"), copy=False).tobytes()
        return b"".join(part for one in self.content for part in (struct.pack("<I", len(one)), one))

    def values(self) -> Iterator[str]:
        """Write it as JSON, some values at a time; bytes as base64."""
        if not isinstance(self.content, np.ndarray):
            yield from (f'"{base64.b64encode(one).decode()}"' for one in self.content)
            return
        values = self.content.reshape(-1)
        for start in range(0, len(values), STEP):
            some = values[start : start + STEP].tolist()
            yield json.dumps(some, separators=(",", ":"))[1:-1]


def write(fields: Mapping[str, Any], outputs: Iterable[Answered]) -> tuple[bytes, int | None]:
    """Write an answer, and say how much of it is JSON, if that is not all."""
    described, behind, binary = [], [], False
    for one in outputs:
        tensor: dict[str, Any] = {"name": one.name, "datatype": one.datatype, "shape": one.shape}
        if one.binary:
            binary = True
            behind.append(one.binary_content())
            tensor["parameters"] = {"binary_data_size": len(behind[-1])}
            described.append(json.dumps(tensor))
        else:
            if one.datatype == "BYTES":
                tensor["parameters"] = {"content_type": "base64"}
            described.append(f'{json.dumps(tensor)[:-1]}, "data": [{",".join(one.values())}]}}')
    head = f'{json.dumps(fields)[:-1]}, "outputs": [{", ".join(described)}]}}'.encode()
    return b"".join((head, *behind)), len(head) if binary else None
