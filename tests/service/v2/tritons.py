"""Requests and answers as tritonclient writes and reads them, without a connection."""

from typing import Any

import numpy as np
import numpy.typing as npt
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult

Array = npt.NDArray[Any]
DATATYPES = {"int64": "INT64", "float32": "FP32"}


def tensor(name: str, values: Array, *, binary: bool = True) -> InferInput:
    """Make an input of an array."""
    made = InferInput(name, list(values.shape), DATATYPES[values.dtype.name])
    return made.set_data_from_numpy(values, binary_data=binary)


def inputs(*, binary: bool = True, **named: Any) -> list[InferInput]:
    """Make inputs of arrays by name; `label` is the class, whose name Python keeps for itself."""
    names = {"label": "class"}
    return [tensor(names.get(n, n), np.asarray(v), binary=binary) for n, v in named.items()]


def outputs(*names: str, binary: bool = True) -> list[InferRequestedOutput]:
    """Ask for outputs."""
    return [InferRequestedOutput(name, binary_data=binary) for name in names]


def written(given: list[InferInput], **more: Any) -> tuple[bytes, str | None]:
    """Write a request: its body, and what its header says of the JSON's length."""
    body, length = InferenceServerClient.generate_request_body(given, **more)
    return body, None if length is None else str(length)


def read(body: bytes, length: int | None, encoding: str | None = None) -> InferResult:
    """Read an answer."""
    return InferResult.from_response_body(body, False, length, encoding)


def column(*values: int) -> Array:
    return np.array(values, np.int64).reshape(-1, 1)
