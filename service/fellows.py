"""Fellows: what an admin has one service of a fleet do, the others do too."""

import asyncio
import json
import logging
import multiprocessing
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from service.errors import ServiceError
from service.keeper import Keeper

SECONDS = 0.2

log = logging.getLogger(__name__)


class Fellows:
    """A file of all that was ordered, in order; one who comes later does all of it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "orders.jsonl"
        self._file.touch()
        self._read = 0

    def tell(self, order: str, arguments: Sequence[str]) -> None:
        """Have the others do what was done here."""
        line = json.dumps({"by": os.getpid(), "order": order, "arguments": arguments}) + "\n"
        with self._file.open("ab", buffering=0) as file:  # one write: no line is torn
            file.write(line.encode())

    async def follow(self, keeper: Keeper) -> None:
        """Do what the others were told, for as long as there is a fleet."""
        fleet = multiprocessing.parent_process()
        while fleet is None or fleet.is_alive():
            for line in self.news():
                said = json.loads(line)
                if said["by"] != os.getpid():
                    await self.obey(keeper, said["order"], said["arguments"])
            await asyncio.sleep(SECONDS)
        log.error("the process that began the fleet is gone: so is this one")
        signal.raise_signal(signal.SIGTERM)

    async def obey(self, keeper: Keeper, order: str, arguments: Sequence[str]) -> None:
        """Carry out an order; what is wrong with it was answered where it was given."""
        try:
            await do(keeper, order, arguments)
        except ServiceError as error:
            log.warning("%s %s: %s", order, " ".join(arguments), error)

    def news(self) -> list[bytes]:
        """Read the lines that were not read yet."""
        if self._file.stat().st_size == self._read:
            return []
        with self._file.open("rb") as file:
            file.seek(self._read)
            lines = [line for line in file if line.endswith(b"\n")]
        self._read += sum(map(len, lines))
        return lines


async def do(keeper: Keeper, order: str, arguments: Sequence[str]) -> None:
    """Carry out an order. Raises a ServiceError where that cannot be."""
    orders: Mapping[str, Callable[..., Awaitable[None]]] = {
        "reload": keeper.reload,
        "load": keeper.load,
        "unload": keeper.unload,
    }
    await orders[order](*arguments)
