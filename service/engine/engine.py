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
from service.engine.batcher import Batcher, Observer, OutOfMemoryError, Result
from service.engine.link import Link, LostError
from service.engine.orders import Load, Measure, Memory, Model, Order, Refused, Run, Setup, Unload
from service.engine.policy import Part
from service.engine.work import Job, Rows
from service.within import within

ATTEMPTS = 3
PAUSE_SECONDS = 0.5
CAREFUL = 200
"""So many batches are computed one by one after a worker's death: enough to halve two down."""

log = logging.getLogger(__name__)


class ComputeError(Exception):
    """The device could not make a batch; the worker's log has the traceback."""


def asked_of(part: Part) -> Job:
    """Give the rows of a part."""
    whole = part.stop - part.start == part.item.size
    return part.item.work if whole else part.item.work.rows(part.start, part.stop)


class Lane(NamedTuple):
    """What can share a batch: one model and one kind of work."""

    name: str
    model: Model
    kind: type[Job]


class Engine:
    """Own the worker: models are loaded there and batches are computed there."""

    def __init__(
        self, setup: Setup, observer: Observer, *, queue_images: int, batch_seconds: float
    ) -> None:
        self._patience = batch_seconds
        self._kept = TemporaryDirectory(prefix="ganforge-models-")
        self._setup = replace(setup, kept=Path(self._kept.name))
        try:
            self._link = Link.open(self._setup)
        except UserError:
            self._kept.cleanup()
            raise
        self._up = True
        self._models: WeakValueDictionary[str, Model] = WeakValueDictionary()
        self._loading = asyncio.Lock()
        self._replacing = asyncio.Lock()
        self._alone = asyncio.Lock()
        self._careful = 0
        self._unloading: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.batcher = Batcher(self._compute, observer, capacity=setup.capacity, limit=queue_images)
        self._task: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def device(self) -> str:
        """What the networks run on."""
        return self._link.device

    def load(self, path: Path) -> Model:
        """Put a checkpoint on the device. Raises UserError for a file that cannot be served."""
        try:
            answer = self._link.ask(Load(path))
        except LostError as lost:
            self._replace()
            raise blamed(path, lost) from lost
        return self._keep(answer)

    async def bring(self, path: Path) -> Model:
        """Do the same among the batches, while the event loop goes on."""
        return await asyncio.shield(self._bring(path))  # else it would be loaded for nobody

    async def _bring(self, path: Path) -> Model:
        async with self._loading:
            try:
                answer = await self._call(Load(path))
            except LostError:  # by what came before it, perhaps
                try:
                    answer = await self._call(Load(path))
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
                    await self._call(Unload(digest))

    def start(self) -> None:
        """Begin to serve, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._supervise())
        self._watching = asyncio.create_task(self._watch())

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
        self._link.close()
        self._kept.cleanup()

    async def memory(self) -> Memory:
        """Say how much memory is in use; of nothing where no worker answers."""
        with suppress(LostError):
            answer = await self._call(Measure())
            if isinstance(answer, Memory):
                return answer
        return Memory()

    @property
    def alive(self) -> bool:
        """Whether work that is submitted will be served."""
        return self._up and self._task is not None and not self._task.done()

    async def _compute(self, lane: Lane, parts: Sequence[Part]) -> Rows:
        kind: type[Any] = lane.kind  # of all parts, for they share the lane
        order = Run(lane.model.digest, kind.join([asked_of(part) for part in parts]))
        try:
            answer = await self._attempt(order)
        except LostError as lost:  # a batch can be computed again: it changes nothing
            log.error("%s", lost)
            answer = await self._attempt(order)
        if isinstance(answer, Refused):
            raise OutOfMemoryError(answer.reason) if answer.memory else ComputeError(answer.reason)
        return answer

    async def _attempt(self, order: Run) -> Any:
        """Have a batch computed: alone, if a worker died a short while ago. Raises LostError.

        Whatever it died of is halved until it is alone, and must take no other batch with it.
        """
        try:
            if self._careful == 0:
                return await self._call(order)
            self._careful -= 1
            async with self._alone:
                return await self._call(order)
        except LostError:
            self._careful = CAREFUL
            raise

    async def _call(self, order: Order) -> Any:
        """Ask the worker, and end it when it hangs. Raises LostError.

        Several may ask at once; only while a worker is replaced all have to wait.
        """
        if not self._usable:
            async with self._replacing:
                await self._ensure()
        try:
            return await within(self._patience, self._link.call(order))
        except TimeoutError:
            self._link.kill()
            raise LostError(
                f"the worker process has not answered for {self._patience:g} seconds"
            ) from None

    @property
    def _usable(self) -> bool:
        """Whether there is a worker that has all models."""
        return self._up and self._link.alive

    async def _ensure(self) -> None:
        """See to it that there is a worker; one may die as it begins, too. Raises LostError."""
        for attempt in range(ATTEMPTS):
            if self._usable:
                return
            log.error("no worker process: starting another")
            await asyncio.sleep(attempt * PAUSE_SECONDS)
            with suppress(LostError):
                await asyncio.to_thread(self._replace)
        if not self._usable:
            raise LostError(f"{ATTEMPTS} worker processes ended as they began")

    def _replace(self) -> None:
        """Start another worker with the same models. Raises LostError."""
        self._up = False
        self._link.close()
        self._link = Link.open(self._setup)
        for model in list(self._models.values()):
            answer = self._link.ask(Load(model.path))
            if not isinstance(answer, Model) or answer.digest != model.digest:
                log.error("%s is no longer the file that was loaded: %s", model.path, answer)
        self._up = True

    async def _supervise(self) -> None:
        """Run the batcher; should it fail by a fault of ours, say so and run it again."""
        while True:
            try:
                await self.batcher.run()
            except Exception:  # a dead batcher would leave every later request waiting for ever
                log.exception("the batcher failed and is started again")

    async def _watch(self) -> None:
        """Replace a worker that ends while nobody asks, for ever."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if not self._usable:
                async with self._replacing:
                    with suppress(LostError):  # the next look tries again
                        await self._ensure()


def blamed(path: Path, lost: LostError) -> UserError:
    """Say that a worker did not survive a file."""
    return UserError(f"{path}: {lost} while it read this file")
