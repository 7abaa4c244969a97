"""Described: a model as the Open Inference Protocol and its extensions describe one."""

from typing import Any

from service.catalog import Entry
from service.v2 import tensors

PLATFORM = "ganforge"


def metadata(entry: Entry) -> dict[str, Any]:
    """Say which versions there are and what goes in and out."""
    return {
        "name": entry.name,
        "versions": [entry.digest],
        "platform": PLATFORM,
        "inputs": [tensor.metadata() for tensor in tensors.inputs(entry.card)],
        "outputs": [tensor.metadata() for tensor in tensors.outputs(entry.card)],
    }


def config(entry: Entry, limit: int) -> dict[str, Any]:
    """Say the same as a configuration; every input is optional, though one of two is needed."""
    return {
        "name": entry.name,
        "platform": PLATFORM,
        "backend": PLATFORM,
        "max_batch_size": limit,
        "input": [{**tensor.config(), "optional": True} for tensor in tensors.inputs(entry.card)],
        "output": [tensor.config() for tensor in tensors.outputs(entry.card)],
        "dynamic_batching": {},
    }
