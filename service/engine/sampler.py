"""Sampler: the networks on one device. It knows torch and nothing of queues or HTTP.

Every image is a function of its own row alone. Two things could break that, and are kept from it:
a product of few rows takes another route than one of many, so `FewRows` pads it; and any other
kernel may choose by batch size, so batches are padded to a few fixed sizes, `place` compares these
when a model loads, and sizes whose rows differ from the largest one's are not used.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import device as devices
from models import latents
from models.networks import Generator
from models.pixels import Pixels, quantise
from service.engine.sizes import Sizes
from service.engine.work import Blend, Classes, Samples, Work

FEW = (1, 4, 16)
"""How many rows `FewRows` may have to make of fewer, on one processor or another."""

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


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
class Placed:
    """A generator on the device; and the batch sizes whose rows come out the same."""

    generator: Generator
    sizes: Sizes


class Sampler:
    """Run generators on one device, batches of at most `capacity` images, in one precision."""

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

    def place(self, generator: Generator) -> Placed:
        """Bring a copy of a generator to the device and find the batch sizes that agree there."""
        sizes = Sizes()
        for few in FEW:
            placed = copy.deepcopy(generator).to(self.device, self.dtype)
            placed = placed.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            pad_few_rows(placed, few)
            sizes = self.agreeing(placed)
            if sizes == Sizes.up_to(self.capacity):
                break
        return Placed(generator=placed, sizes=sizes)

    def agreeing(self, generator: Generator) -> Sizes:
        """List the batch sizes, powers of two and the capacity, whose rows are the same bits."""
        sizes = Sizes.up_to(self.capacity)
        seeds = np.arange(self.capacity)
        classes = latents.classes(seeds, generator.classes) if generator.classes else None
        work = Samples(seeds, classes)
        expected = self.forward(generator, work, self.capacity)
        kept = [self.capacity]
        for size in reversed(sizes[:-1]):
            if not torch.equal(self.forward(generator, work.rows(0, size), size), expected[:size]):
                break
            kept.insert(0, size)
        return Sizes(kept)

    def run(self, model: Placed, work: Work) -> Pixels:
        """Make the images of all rows of a work: (n, H, W, C)."""
        return quantise(
            self.forward(model.generator, work, model.sizes.fit(len(work)))[: len(work)]
        )

    @torch.inference_mode()
    def forward(self, generator: Generator, work: Work, rows: int) -> Tensor:
        """Run the network on `rows` rows, of which the work fills the first."""
        missing = (0, 0, 0, rows - len(work))
        z = self.tensor(work.latents(generator.latents))
        condition = self.embed(generator, work.classes_of_rows())
        return generator(
            F.pad(z, missing).to(self.dtype),
            None if condition is None else F.pad(condition, missing).to(self.dtype),
        )

    def embed(self, generator: Generator, classes: Classes | Blend | None) -> Tensor | None:
        """Turn classes into conditions (n, embedding); between two of them on a straight line."""
        if classes is None:
            return None
        if isinstance(classes, Blend):
            origin = generator.embed(self.tensor(classes.origin))
            target = generator.embed(self.tensor(classes.target))
            share = self.tensor(classes.share)[:, None]
            return torch.lerp(origin.float(), target.float(), share)
        return generator.embed(self.tensor(classes))

    def tensor(self, array: npt.NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device)


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
