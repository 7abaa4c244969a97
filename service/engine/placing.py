"""Placing: networks on one device, in batches whose size changes no row.

What comes of a row must depend on it alone. Two things could break that, and are kept from it:
a product of few rows takes another route than one of many, so `FewRows` pads it; and any other
kernel may choose by batch size, so batches are padded to a few fixed sizes, `place` compares these,
and sizes whose rows differ from the largest one's are not used.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import device as devices
from service.engine.folding import fold
from service.engine.sizes import Sizes

FEW = (1, 4, 16)
"""How many rows `FewRows` may have to make of fewer, on one processor or another."""

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}

N = TypeVar("N", bound=nn.Module)


class FewRows(nn.Module):
    """A linear layer whose rows come out the same however few they are."""

    def __init__(self, linear: nn.Linear, few: int) -> None:
        super().__init__()
        self.linear = linear
        self.few = few

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, inputs) to (B, outputs)."""
        missing = self.few - len(x)
        if missing <= 0:
            return self.linear(x)
        return self.linear(F.pad(x, (0, 0, 0, missing)))[: len(x)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Placed(Generic[N]):
    """A network on the device; and the batch sizes whose rows come out the same."""

    network: N
    sizes: Sizes


class Place:
    """One device, batches of at most `capacity` rows, one precision."""

    def __init__(self, device: torch.device, capacity: int, precision: str = "auto") -> None:
        self.device = device
        self.capacity = capacity
        if precision == "auto":
            fast = device.type == "cpu" and devices.fast_bfloat16(device)
            precision = "bf16" if fast else "fp32"
        self.precision = precision
        self.dtype = DTYPES[precision]
        if device.type == "cuda":
            use_exact_kernels()

    def place(self, network: N, compute: Callable[[N, int], Tensor]) -> Placed[N]:
        """Bring a copy of a network here and find the batch sizes that agree.

        `compute(network, size)` makes the first rows of some work in a batch of that size.
        """
        sizes = Sizes()
        folded = copy.deepcopy(network)
        fold(folded)  # in float32, before it is rounded
        for few in FEW:
            placed = copy.deepcopy(folded).to(self.device, self.dtype)
            placed = placed.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            pad_few_rows(placed, few)
            sizes = self.agreeing(placed, compute)
            if sizes == Sizes.up_to(self.capacity):
                break
        return Placed(network=placed, sizes=sizes)

    def agreeing(self, network: N, compute: Callable[[N, int], Tensor]) -> Sizes:
        """List the batch sizes, powers of two and the capacity, whose rows are the same bits."""
        sizes = Sizes.up_to(self.capacity)
        expected = compute(network, self.capacity)
        kept = [self.capacity]
        for size in reversed(sizes[:-1]):
            if not torch.equal(compute(network, size), expected[:size]):
                break
            kept.insert(0, size)
        return Sizes(kept)

    def tensor(self, array: npt.NDArray[Any]) -> Tensor:
        """Bring an array here."""
        return torch.from_numpy(array).to(self.device)

    def fill(self, x: Tensor, rows: int) -> Tensor:
        """Put rows of zeros behind those of x (n, columns), in the networks' precision."""
        missing = rows - len(x)  # often none, and a copy costs more than this question
        return (F.pad(x, (0, 0, 0, missing)) if missing else x).to(self.dtype)


def pad_few_rows(network: nn.Module, few: int) -> None:
    """Put a FewRows in the place of each linear layer."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, FewRows(child, few))


def use_exact_kernels() -> None:
    """Keep CUDA from kernels that round differently from run to run, or to ten bits."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
