"""Engine: one sampler in its own thread, fed by one batcher."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import torch

from models.networks import Generator
from models.pixels import Pixels
from service.engine.batcher import Batcher, Observer, Result
from service.engine.policy import Part
from service.engine.sampler import Placed, Sampler
from service.engine.work import Work

log = logging.getLogger(__name__)


class Lane(NamedTuple):
    """What can share a batch: one model and one kind of work."""

    name: str
    model: Placed
    kind: type[Work]


class Engine:
    """Own the device: models are placed on it and work is run on it by one thread."""

    def __init__(
        self, sampler: Sampler, observer: Observer, *, threads: int, queue_images: int
    ) -> None:
        self.sampler = sampler
        self._thread = ThreadPoolExecutor(
            1, "sampler", initializer=torch.set_num_threads, initargs=(threads,)
        )
        self.batcher = Batcher(
            self._compute, observer, capacity=sampler.capacity, limit=queue_images
        )
        self._task: asyncio.Task[None] | None = None

    def place(self, generator: Generator) -> Placed:
        """Put a generator on the device; takes as long as a few batches of it."""
        return self._thread.submit(self.sampler.place, generator).result()

    def start(self) -> None:
        """Begin to serve, in the running event loop."""
        self._task = asyncio.create_task(self._supervise())

    def submit(self, name: str, model: Placed, work: Work) -> "asyncio.Future[Result]":
        """Queue work for a model. Raises QueueFullError or ClosedError."""
        return self.batcher.submit(Lane(name, model, type(work)), work)

    async def close(self) -> None:
        """Finish what was accepted, then stop."""
        await self.batcher.drain()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._thread.shutdown()

    @property
    def alive(self) -> bool:
        """Whether work that is submitted will be served."""
        return self._task is not None and not self._task.done()

    async def _compute(self, lane: Lane, parts: Sequence[Part]) -> Pixels:
        works = [part.item.work.rows(part.start, part.stop) for part in parts]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.sampler.run, lane.model, works)

    async def _supervise(self) -> None:
        """Run the batcher; should it fail by a fault of ours, say so and run it again."""
        while True:
            try:
                await self.batcher.run()
            except Exception:  # a dead batcher would leave every later request waiting for ever
                log.exception("the batcher failed and is started again")
