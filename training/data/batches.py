"""Batches: the data in an order that depends on the seed and the index alone."""

from dataclasses import dataclass
from hashlib import sha256

import torch
from torch import Tensor

from training.data.dataset import DataError, DataSet


@dataclass(frozen=True, eq=False)
class Batch:
    """Images (B, C, S, S) float32 in [-1, 1], and their labels (B,) int64 if there are any."""

    images: Tensor
    labels: Tensor | None


class Batches:
    """Every batch of a run by its index; an epoch is a permutation, its last partial batch unused.

    The data moves to the device once, as uint8. The same seed and index give the same batch in
    any order of calls, so that a resumed run goes on as if nothing had happened.
    """

    def __init__(self, data: DataSet, size: int, seed: int, device: torch.device) -> None:
        if not 1 <= size <= len(data):
            raise DataError(
                f"{data.name} has {len(data)} images and a batch has {size}; expected a batch of "
                f"1 to {len(data)}: choose a smaller batch or bring more images"
            )
        self._size = size
        self._seed = seed
        self._device = device
        self._count = len(data)
        self._images = data.images.to(device)
        self._labels = None if data.labels is None else data.labels.to(device)
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
        images = self._images[chosen].float().div_(127.5).sub_(1)  # (B, C, S, S)
        return Batch(images, None if self._labels is None else self._labels[chosen])

    def _permutation(self, epoch: int) -> Tensor:
        """Return the epoch's order (N,), drawn once an epoch."""
        if epoch != self._epoch:
            # On the CPU, so that every device sees the same order.
            generator = torch.Generator().manual_seed(mix(self._seed, epoch))
            self._order = torch.randperm(self._count, generator=generator).to(self._device)
            self._epoch = epoch
        return self._order


def mix(seed: int, epoch: int) -> int:
    """Hash a seed and an epoch to 63 bits, so that neighbours share no order."""
    return int.from_bytes(sha256(f"{seed}/{epoch}".encode()).digest()[:8]) >> 1
