"""Keeper: the catalog follows the folders while the service runs."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from models.errors import UserError
from service.catalog import Catalog, Entry
from service.engine.engine import Engine
from service.engine.orders import Model
from service.errors import RefusedError, UnknownFileError
from service.folders import Folders
from service.metrics import Metrics

log = logging.getLogger(__name__)


class Keeper:
    """Read the folders' files at the start, and what changes in them later.

    A model is replaced when the new file has been read, checked and placed: until then, and where
    the new one is refused, the old one serves. Requests that have it already are finished with it.
    """

    def __init__(self, folders: Iterable[Path], engine: Engine, metrics: Metrics) -> None:
        self.catalog = Catalog()
        self._folders = Folders(folders)
        self._engine = engine
        self._metrics = metrics
        self._turn = asyncio.Lock()

    def begin(self) -> None:
        """Load what there is."""
        files = self._folders.begin()
        log.info("loading %d models on %s", len(files), self._engine.device)
        for found in files:
            try:
                self._serve(found.path, self._engine.load(regular(found.path)))
            except UserError as error:
                self._refuse(found.path, error)

    async def watch(self, seconds: float) -> None:
        """Follow the folders for ever."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.follow()
            except Exception:  # a folder that cannot be read today may be tomorrow
                log.exception("the folders of models could not be followed")

    async def follow(self, *, at_once: bool = False) -> None:
        """Take up what has changed since the last time, see `Folders.changes`."""
        async with self._turn:
            changes = await asyncio.to_thread(self._folders.changes, at_once=at_once)
            for name in changes.gone:
                log.info("%s is gone", name)
                self._drop(name)
            for found in changes.new:
                with suppress(UserError):
                    await self._bring(found.path)

    async def reload(self) -> None:
        """Take up what has changed now, be it still moving."""
        await self.follow(at_once=True)

    async def load(self, name: str) -> None:
        """Read a model's file now. Raises UnknownFileError or RefusedError."""
        async with self._turn:
            files = await asyncio.to_thread(self._folders.look)
            if name not in files:
                raise UnknownFileError(name, files)
            try:
                await self._bring(files[name].path)
                self._folders.take(name, files[name])
            except UserError as error:
                raise RefusedError(str(error)) from None

    async def unload(self, name: str) -> None:
        """Serve a model no longer. Raises UnknownModelError."""
        async with self._turn:
            self.catalog.find(name)
            log.info("%s is unloaded", name)
            self._drop(name)

    async def _bring(self, path: Path) -> None:
        """Serve a file's model; what is no model is refused by name, and raised."""
        try:
            self._serve(path, await self._engine.bring(regular(path)))
        except UserError as error:
            self._refuse(path, error)
            raise

    def _drop(self, name: str) -> None:
        self._metrics.forget(name)
        self.catalog.drop(name)

    def _serve(self, path: Path, model: Model) -> None:
        name = path.stem
        self._metrics.forget(name)
        self._metrics.describe(name, model, self._engine.device)
        self.catalog.put(Entry(name=name, model=model), path)
        log.info("serving %s, %s", name, model.digest[:12])

    def _refuse(self, path: Path, error: UserError) -> None:
        self._metrics.loads.labels("refused").inc()
        self.catalog.refuse(path, str(error))


def regular(path: Path) -> Path:
    """Return a file that can be read. Raises UserError: to open a pipe would wait for ever."""
    try:
        if path.is_file():
            return path
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from None
    raise UserError(f"{path}: not a regular file")
