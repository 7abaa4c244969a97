"""Supervisor: one worker at a time, replaced with all its models when it dies or hangs."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from service.engine.link import Link, LostError
from service.engine.orders import Load, Model, Order, Setup
from service.within import within

ATTEMPTS = 3
PAUSE_SECONDS = 0.5
CAREFUL = 200
"""So many orders are carried out one by one after a worker's death: enough to halve two batches."""

log = logging.getLogger(__name__)


class Supervisor:
    """Own the worker; `models` are those that another one has to load, by digest."""

    def __init__(self, setup: Setup, models: Mapping[str, Model], patience: float) -> None:
        self._setup = setup
        self._models = models
        self._patience = patience
        self._link = Link.open(setup)
        self._replacing = asyncio.Lock()
        self._alone = asyncio.Lock()
        self._careful = 0
        self.complete = True
        """Whether the worker, dead or alive, has had all models."""

    @property
    def device(self) -> str:
        return self._link.device

    def load(self, order: Load) -> Any:
        """Have a model loaded, and wait. Raises LostError, and there is another worker then."""
        try:
            return self._link.ask(order)
        except LostError:
            self._replace()
            raise

    async def insist(self, order: Order) -> Any:
        """Have an order carried out; again, should the worker die of it. Raises LostError.

        It may have died of what came before. No order changes anything that doing it twice would
        do otherwise.
        """
        try:
            return await self._attempt(order)
        except LostError as lost:
            log.error("%s", lost)
            return await self._attempt(order)

    async def _attempt(self, order: Order) -> Any:
        """Have an order carried out: alone, if a worker died a short while ago. Raises LostError.

        Whatever it died of is halved until it is alone, and must take no other batch with it.
        """
        try:
            if self._careful == 0:
                return await self.call(order)
            self._careful -= 1
            async with self._alone:
                return await self.call(order)
        except LostError:
            self._careful = CAREFUL
            raise

    async def call(self, order: Order) -> Any:
        """Ask the worker once, and end it when it hangs. Raises LostError.

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

    async def watch(self) -> None:
        """Replace a worker that ends while nobody asks, for ever."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if not self._usable:
                async with self._replacing:
                    with suppress(LostError):  # the next look tries again
                        await self._ensure()

    def close(self) -> None:
        self._link.close()

    @property
    def _usable(self) -> bool:
        """Whether there is a worker that has all models."""
        return self.complete and self._link.alive

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
        self.complete = False
        self._link.close()
        self._link = Link.open(self._setup)
        for model in list(self._models.values()):
            answer = self._link.ask(Load(model.path))
            if not isinstance(answer, Model) or answer.digest != model.digest:
                log.error("%s is no longer the file that was loaded: %s", model.path, answer)
        self.complete = True
