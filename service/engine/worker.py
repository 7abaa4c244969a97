"""Worker: the process that owns the device. It does one order at a time, and ends with its pipe."""

import gc
import logging
import os
import shutil
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import torch

from models import checkpoint
from models import device as devices
from models.card import SUFFIX
from models.errors import UserError
from service import logs
from service.engine.judge import Judge
from service.engine.orders import (
    Measure,
    Memory,
    Model,
    Order,
    Ready,
    Refused,
    Run,
    Setup,
    Unload,
    Unloaded,
)
from service.engine.placing import Place
from service.engine.sampler import Sampler
from service.engine.work import Points, Rebuilt, Rows, Samples

log = logging.getLogger(__name__)

AWAKE_SECONDS = 0.002


def serve(pipe: Connection, setup: Setup) -> None:
    """Carry out what comes through the pipe until it closes."""
    torch.set_num_threads(setup.threads)
    try:
        device = devices.choose(setup.device)
    except UserError as error:
        pipe.send(Refused(str(error), user=True))
        return
    worker = Worker(Place(device, setup.capacity, setup.precision), setup.kept)
    pipe.send(Ready(str(device)))
    try:
        while True:
            order = pipe.recv()
            pipe.send(worker.answer(order))
            if isinstance(order, Run) and len(order.work) == 1:
                await_order(pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def await_order(pipe: Connection) -> None:
    """Look for the next order for a moment before sleeping.

    After a lone image the next one is soon asked for, and to be woken for it, on a processor that
    has gone to sleep, takes longer than to make it. Where many ask, others need the processor.
    """
    until = perf_counter() + AWAKE_SECONDS
    while not pipe.poll() and perf_counter() < until:
        pass


class Worker:
    """The models of one device, by the digest of their files."""

    def __init__(self, place: Place, kept: Path | None = None) -> None:
        self.place = place
        self.kept = kept
        self.files: dict[str, Path] = {}
        self.samplers: dict[str, Sampler] = {}
        self.judges: dict[str, Judge] = {}

    def answer(self, order: Order) -> Model | Rows | Unloaded | Memory | Refused:
        """Carry out an order; what goes wrong is the answer, for the worker itself lives on.

        Raises AcceleratorError, of which it has to die: the service has another one begin.
        """
        try:
            return self.carry_out(order)
        except UserError as error:
            return Refused(str(error), user=True)
        except (torch.OutOfMemoryError, MemoryError) as error:
            log.warning("out of memory: %s", error)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            return Refused(f"out of memory: {error}", memory=True)
        except torch.AcceleratorError:  # a GPU that failed fails until its process is another
            raise
        except Exception as error:  # whatever the device raises belongs to those who asked
            log.exception("an order failed")
            return Refused(f"{type(error).__name__}: {error}")

    def carry_out(self, order: Order) -> Model | Rows | Unloaded | Memory:
        if isinstance(order, Run):
            return self.run(order)
        if isinstance(order, Unload):
            return self.unload(order.digest)
        if isinstance(order, Measure):
            return self.measure()
        return self.load(order.path)

    def load(self, path: Path) -> Model:
        loaded = checkpoint.load(path)
        sampler = Sampler(self.place, loaded.generator)
        known = self.keep(path, loaded.digest)
        self.files[loaded.digest], self.samplers[loaded.digest] = known, sampler
        settle()
        return Model(
            path=known,
            card=loaded.card,
            digest=loaded.digest,
            precision=self.place.precision,
            sizes=sampler.placed.sizes,
            cost=sampler.cost,
        )

    def keep(self, path: Path, digest: str) -> Path:
        """Return where the file can be read again: a copy, unless there is no room for one."""
        if self.kept is None:
            return path
        copy = self.kept / f"{digest}{SUFFIX}"
        try:
            if not copy.exists():
                shutil.copyfile(path, copy)
        except OSError as error:
            log.warning("%s: no copy is kept: %s", path, error)
            copy.unlink(missing_ok=True)
            return path
        return copy

    def unload(self, digest: str) -> Unloaded:
        for table in (self.files, self.samplers, self.judges):
            table.pop(digest, None)
        if self.kept is not None:
            (self.kept / f"{digest}{SUFFIX}").unlink(missing_ok=True)
        return Unloaded()

    def measure(self) -> Memory:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory = Memory(resident=pages * os.sysconf("SC_PAGE_SIZE"))
        if self.place.device.type == "cuda":
            memory["allocated"] = torch.cuda.memory_allocated(self.place.device)
            memory["reserved"] = torch.cuda.memory_reserved(self.place.device)
        return memory

    def run(self, order: Run) -> Rows:
        digest, work = order.digest, order.work
        if digest not in self.files:
            raise changed(digest)
        if isinstance(work, Samples | Points):
            return self.samplers[digest].draw(work)
        judge = self.judge(digest)
        return judge.rebuild(work) if isinstance(work, Rebuilt) else judge.judge(work)

    def judge(self, digest: str) -> Judge:
        """Find a model's discriminator, which is read when it is first asked for.

        Raises UserError where the file has changed since.
        """
        if digest not in self.judges:
            loaded = checkpoint.load(self.files[digest])
            if loaded.digest != digest:
                raise changed(digest)
            assert loaded.discriminator is not None, "the route asks only a model that has one"
            channels = loaded.card.image.channels
            self.judges[digest] = Judge(self.place, loaded.discriminator, channels)
            settle()
        return self.judges[digest]


def changed(digest: str) -> UserError:
    return UserError(f"no model of digest {digest}: its file was changed or removed")


def settle() -> None:
    """Keep what is loaded from being walked by each collection."""
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as link:
        begun = link.recv()
        logs.configure(begun.log_level, begun.log_format)
        serve(link, begun)
