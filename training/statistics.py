"""Statistics: what batch normalisation remembers, measured anew for weights that have moved since.

In training a layer follows the statistics of the batches that pass: for a discriminator these are
of real and of generated images by turns, and for an averaged generator of other weights than its
own. What is used afterwards needs those of its own weights and of the images that it will see
(Wu and Johnson 2021, "Rethinking 'Batch' in BatchNorm", §3.2).
"""

import copy
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch
from torch import nn

KINDS = (nn.BatchNorm1d, nn.BatchNorm2d)

N = TypeVar("N", bound=nn.Module)


@torch.no_grad()
def settled(network: N, passes: Iterator[Callable[[N], object]]) -> N:
    """Return a copy in eval mode whose batch statistics are the means over these passes.

    Nothing else learns or is disturbed: noise and dropout are off. Without batch normalisation
    no pass is made.
    """
    network = copy.deepcopy(network).eval()
    layers = [module for module in network.modules() if isinstance(module, KINDS)]
    if not layers:
        return network
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # each pass weighs the same
        layer.train()
    for one in passes:
        one(network)
    return network.eval()
