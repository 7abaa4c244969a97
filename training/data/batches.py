"""Batches: the data in an order that depends on the seed and the index alone."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor

from training.data.dataset import DataError, DataSet

FEWEST = 2
"""Images of which statistics can be taken."""

Labelled = Literal["all"] | Annotated[int, Field(ge=0)]
"""How many images have labels that may be learnt from."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Images (B, C, S, S) float32 in [-1, 1], and their labels (B,) int64 if there are any.

    `known` are the images whose labels a semi-supervised loss may use, where one asked for some.
    """

    images: Tensor
    labels: Tensor | None
    known: "Batch | None" = None


class Batches:
    """Every batch of a run by its index; an epoch is a permutation, its last partial batch unused.

    The data moves to the device once, as uint8. The same seed and index give the same batch in
    any order of calls, so that a resumed run goes on as if nothing had happened.
    """

    def __init__(
        self,
        data: DataSet,
        size: int,
        seed: int,
        device: torch.device,
        labelled: Labelled = 0,
    ) -> None:
        if len(data) < FEWEST:
            raise DataError(
                f"{data.name} has {len(data)} images; expected at least {FEWEST}, as a batch has: "
                "bring more images"
            )
        if not FEWEST <= size <= len(data):
            raise DataError(
                f"{data.name} has {len(data)} images and a batch has {size}; expected a batch of "
                f"{FEWEST} to {len(data)}: choose a smaller batch or bring more images"
            )
        self._size = size
        self._seed = seed
        self._device = device
        self._count = len(data)
        self._images = data.images.to(device)
        self._labels = None if data.labels is None else data.labels.to(device)
        self._labelled = labelled
        self._known = torch.empty(0)
        if labelled != "all" and labelled:
            self._known = choose_evenly(data, labelled, seed).to(device)
        self._epoch = -1
        self._order = torch.empty(0)

    @property
    def per_epoch(self) -> int:
        """How many whole batches one pass over the data gives."""
        return self._count // self._size

    def __getitem__(self, index: int) -> Batch:
        if index < 0:
            raise IndexError(f"batch {index}: expected 0 or more, a run has no last batch")
        epoch, place = divmod(index, self.per_epoch)
        chosen = self._permutation(epoch)[place * self._size : (place + 1) * self._size]  # (B,)
        batch = self._take(chosen)
        if self._labelled == 0:
            return batch
        known = batch if self._labelled == "all" else self._take(self._draw_known(index))
        return Batch(batch.images, batch.labels, known)

    def _take(self, chosen: Tensor) -> Batch:
        """Make a batch of the images at these places (B,)."""
        images = self._images[chosen].float().div_(127.5).sub_(1)  # (B, C, S, S)
        return Batch(images, None if self._labels is None else self._labels[chosen])

    def _draw_known(self, index: int) -> Tensor:
        """Draw as many of the labelled places as a batch has, each as often as another, (B,)."""
        generator = torch.Generator().manual_seed(mix(self._seed, -1 - index))
        count = len(self._known)
        turns = [torch.randperm(count, generator=generator) for _ in range(-(-self._size // count))]
        return self._known[torch.cat(turns)[: self._size].to(self._device)]

    def _permutation(self, epoch: int) -> Tensor:
        """Return the epoch's order (N,), drawn once an epoch."""
        if epoch != self._epoch:
            # On the CPU, so that every device sees the same order.
            generator = torch.Generator().manual_seed(mix(self._seed, epoch))
            self._order = torch.randperm(self._count, generator=generator).to(self._device)
            self._epoch = epoch
        return self._order


def choose_evenly(data: DataSet, count: int, seed: int) -> Tensor:
    """Choose the places of `count` images, of each class as many or one fewer: (count,).

    Raises DataError where there are not enough.
    """
    if data.labels is None:
        raise DataError(f"{data.name} has no labels, {count} labelled images are asked for")
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(mix(seed, -1)))
    labels = data.labels[order]
    rank = torch.empty_like(labels)  # of an image among those of its class
    for label in range(data.classes):
        own = labels == label
        rank[own] = torch.arange(int(own.sum()))
    chosen = order[rank.argsort(stable=True)][:count]
    if not data.classes <= len(chosen) == count:
        raise DataError(
            f"labelled is {count}; expected {data.classes} to {len(data)}: {data.name} has "
            f"{data.classes} classes and {len(data)} images"
        )
    return chosen


def mix(seed: int, epoch: int) -> int:
    """Hash a seed and an epoch to 63 bits, so that neighbours share no order."""
    return int.from_bytes(sha256(f"{seed}/{epoch}".encode()).digest()[:8]) >> 1
