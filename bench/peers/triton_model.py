"""The model that Triton's Python backend runs: all requests of a batch in one call.

Triton's own interpreter imports this file; none but that has `triton_python_backend_utils`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as triton

from bench.peers.painter import Painter, Query, encode
from models.pixels import Pixels


class TritonPythonModel:
    """The hooks of the Python backend, in the order in which it calls them."""

    def initialize(self, args: Mapping[str, str]) -> None:
        parameters = json.loads(args["model_config"])["parameters"]
        self.painter = Painter(Path(parameters["checkpoint"]["string_value"]))

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        queries = [query(request) for request in requests]
        return [response(pixels) for pixels in self.painter.paint(queries)]


def query(request: Any) -> Query:
    """Read a request, whose two inputs are of shape (1, 1)."""
    return {"class": scalar(request, "class"), "seed": scalar(request, "seed")}


def scalar(request: Any, name: str) -> int:
    return int(triton.get_input_tensor_by_name(request, name).as_numpy()[0, 0])


def response(pixels: Pixels) -> Any:
    """Make an answer of one PNG, (1, 1) bytes."""
    png = np.array([[encode(pixels)]], dtype=object)
    return triton.InferenceResponse([triton.Tensor("png", png)])
