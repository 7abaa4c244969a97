"""Average: the exponential moving average of a generator, which is what is served."""

import copy

import torch
from torch import nn

from models.networks import Generator


class Average:
    """Follow a generator's weights with decay beta; buffers are copied as they are.

    Until then the decay is (1 + t) / (4 + t): the average is of about the last third of the run, so
    that the random start is forgotten (as the power function of Karras et al. 2023, §3.1, does).
    """

    def __init__(self, generator: Generator, decay: float) -> None:
        self.decay = decay
        self.generator = copy.deepcopy(generator).eval().requires_grad_(False)

    def update(self, source: nn.Module, step: int) -> None:
        """Move towards `source`, all weights in one call."""
        decay = min(self.decay, (1 + step) / (4 + step))
        mine = [p.data for p in self.generator.parameters()]
        torch._foreach_lerp_(mine, [p.data for p in source.parameters()], 1 - decay)
        for kept, new in zip(self.generator.buffers(), source.buffers(), strict=True):
            kept.copy_(new)
