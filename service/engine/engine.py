"""Engine: one worker process, fed by one batcher."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from weakref import WeakValueDictionary, finalize

from models.errors import UserError
from service.engine.batcher import Batcher, Observer, Result
from service.engine.errors import ComputeError, OutOfMemoryError
from service.engine.link import LostError
from service.engine.orders import Load, Measure, Memory, Model, Refused, Run, Setup, Unload
from service.engine.policy import Part
from service.engine.supervisor import Supervisor
from service.engine.work import Job, Rows

log = logging.getLogger(__name__)


def asked_of(part: Part) -> Job:
    """Give the rows of a part."""
    whole = part.stop - part.start == part.item.size
    return part.item.work if whole else part.item.work.rows(part.start, part.stop)


class Lane(NamedTuple):
    """What can share a batch: one model and one kind of work."""

    name: str
    model: Model
    kind: type[Job]


def expect(lane: Lane, images: int) -> float:
    """Say how many seconds images should take; of a discriminator as if it were the generator."""
    return lane.model.cost.seconds(images)


class Engine:
    """Own the worker: models are loaded there and batches are computed there."""

    def __init__(
        self, setup: Setup, observer: Observer, *, queue_images: int, batch_seconds: float
    ) -> None:
        self._kept = TemporaryDirectory(prefix="ganforge-models-")
        self._models: WeakValueDictionary[str, Model] = WeakValueDictionary()
        try:
            kept = replace(setup, kept=Path(self._kept.name))
            self._supervisor = Supervisor(kept, self._models, batch_seconds)
        except UserError:
            self._kept.cleanup()
            raise
        self._loading = asyncio.Lock()
        self._unloading: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.batcher = Batcher(
            self._compute, observer, expect=expect, capacity=setup.capacity, limit=queue_images
        )
        self._task: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def device(self) -> str:
        """What the networks run on."""
        return self._supervisor.device

    def load(self, path: Path) -> Model:
        """Put a checkpoint on the device. Raises UserError for a file that cannot be served."""
        try:
            answer = self._supervisor.load(Load(path))
        except LostError as lost:
            raise blamed(path, lost) from lost
        return self._keep(answer)

    async def bring(self, path: Path) -> Model:
        """Do the same among the batches, while the event loop goes on."""
        return await asyncio.shield(self._bring(path))  # else it would be loaded for nobody

    async def _bring(self, path: Path) -> Model:
        async with self._loading:
            try:
                answer = await self._supervisor.insist(Load(path))
            except LostError as lost:
                raise blamed(path, lost) from lost
        return self._keep(answer)

    def _keep(self, answer: Any) -> Model:
        """Remember what is loaded for as long as anybody knows of it, then unload it."""
        if isinstance(answer, Refused):
            raise UserError(answer.reason)
        assert isinstance(answer, Model)
        known = self._models.get(answer.digest)
        if known is not None:  # the same file under another name
            return known
        self._models[answer.digest] = answer
        finalize(answer, self._forget, answer.digest).atexit = False
        return answer

    def _forget(self, digest: str) -> None:
        """Have a model unloaded that no entry and no request holds any more."""
        if self.alive and self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin_unloading, digest)

    def _begin_unloading(self, digest: str) -> None:
        task = asyncio.create_task(self._unload(digest))
        self._unloading.add(task)
        task.add_done_callback(self._unloading.discard)

    async def _unload(self, digest: str) -> None:
        async with self._loading:
            if digest not in self._models:  # else it has come back
                with suppress(LostError):  # the next batch finds that out too, and mends it
                    await self._supervisor.call(Unload(digest))

    def start(self) -> None:
        """Begin to serve, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._batch())
        self._watching = asyncio.create_task(self._supervisor.watch())

    def submit(
        self, name: str, model: Model, work: Job, seconds: float | None
    ) -> "asyncio.Future[Result]":
        """Queue work for a model, see `Batcher.submit`."""
        return self.batcher.submit(Lane(name, model, type(work)), work, seconds)

    async def close(self) -> None:
        """Finish what was accepted, then stop."""
        await self.batcher.drain()
        for task in (self._watching, self._task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._supervisor.close()
        self._kept.cleanup()

    async def memory(self) -> Memory:
        """Say how much memory is in use; of nothing where no worker answers."""
        with suppress(LostError):
            answer = await self._supervisor.call(Measure())
            if isinstance(answer, Memory):
                return answer
        return Memory()

    @property
    def alive(self) -> bool:
        """Whether work that is submitted will be served."""
        served = self._task is not None and not self._task.done()
        return served and self._supervisor.complete

    async def _compute(self, lane: Lane, parts: Sequence[Part]) -> Rows:
        kind: type[Any] = lane.kind  # of all parts, for they share the lane
        order = Run(lane.model.digest, kind.join([asked_of(part) for part in parts]))
        answer = await self._supervisor.insist(order)
        if isinstance(answer, Refused):
            raise OutOfMemoryError(answer.reason) if answer.memory else ComputeError(answer.reason)
        return answer

    async def _batch(self) -> None:
        """Run the batcher; should it fail by a fault of ours, say so and run it again."""
        while True:
            try:
                await self.batcher.run()
            except Exception:  # a dead batcher would leave every later request waiting for ever
                log.exception("the batcher failed and is started again")


def blamed(path: Path, lost: LostError) -> UserError:
    """Say that a worker did not survive a file."""
    return UserError(f"{path}: {lost} while it read this file")
