"""Snapshot: a run between two steps, as one file from which it goes on bit for bit.

variant.* average.* optimiser.NAME.INDEX.KEY rng.*      tensors
{"ganforge-run": "<JSON: step, batch, parameter groups>"}      header
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as dump_tensors
from torch import Tensor

from models.checkpoint import CheckpointError, write
from training.loop import State

KEY = "ganforge-run"

Tensors = dict[str, Tensor]


def save(path: Path, state: State) -> None:
    """Write the run, whole or not at all."""
    tensors: Tensors = {
        **prefixed("variant", state.variant.state_dict()),
        **prefixed("average", state.average.generator.state_dict()),
        **prefixed("rng", random_states()),
    }
    groups = {}
    for name, optimiser in state.optimisers.items():
        kept = optimiser.state_dict()
        groups[name] = kept["param_groups"]
        for index, values in kept["state"].items():
            tensors |= prefixed(f"optimiser.{name}.{index}", values)
    header = {"step": state.step, "batch": state.batch, "groups": groups}
    content = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    write(path, dump_tensors(content, metadata={KEY: json.dumps(header)}))


def restore(path: Path, state: State) -> None:
    """Bring a fresh state to where the file left off. Raises CheckpointError."""
    tensors, header = read(path)
    try:
        state.variant.load_state_dict(part(tensors, "variant"))
        state.average.generator.load_state_dict(part(tensors, "average"))
        for name, optimiser in state.optimisers.items():
            own = moments(part(tensors, f"optimiser.{name}"), optimiser)
            optimiser.load_state_dict({"state": own, "param_groups": header["groups"][name]})
    except (RuntimeError, ValueError, KeyError) as error:
        raise CheckpointError(path, f"does not fit the run it should resume: {error}") from error
    restore_random_states(part(tensors, "rng"))
    state.step, state.batch = header["step"], header["batch"]


def read(path: Path) -> tuple[Tensors, dict[str, Any]]:
    """Read the tensors and the header. Raises CheckpointError."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[KEY])
            return {name: file.get_tensor(name) for name in file.keys()}, header  # noqa: SIM118
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError) as error:
        raise CheckpointError(
            path, f"not a run of ganforge that can be resumed: {error}"
        ) from error


def prefixed(prefix: str, tensors: Tensors) -> Tensors:
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def part(tensors: Tensors, prefix: str) -> Tensors:
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}


def moments(tensors: Tensors, optimiser: torch.optim.Optimizer) -> dict[int, Tensors]:
    """Regroup `INDEX.KEY` tensors by their parameter, laid out in memory as that parameter is.

    A fused optimiser walks a parameter and its moments side by side in memory, and a file keeps
    no memory format.
    """
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    found: dict[int, Tensors] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".", 1)
        model = parameters[int(index)]
        laid = torch.empty_like(model).copy_(tensor) if tensor.shape == model.shape else tensor
        found.setdefault(int(index), {})[key] = laid.detach()
    return found


def random_states() -> Tensors:
    """Read the state of every generator that z and labels may be drawn from."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random_states(states: Tensors) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
