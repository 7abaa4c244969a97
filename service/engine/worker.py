"""Worker: the process that owns the device. It does one order at a time, and ends with its pipe."""

import gc
import logging
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

import torch

from models import checkpoint
from models import device as devices
from models.errors import UserError
from models.pixels import Pixels
from service.engine.orders import LOG_FORMAT, Load, Model, Ready, Refused, Run, Setup
from service.engine.sampler import Placed, Sampler

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
    worker = Worker(Sampler(device, setup.capacity, setup.precision))
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

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.models: dict[str, Placed] = {}

    def answer(self, order: Load | Run) -> Model | Pixels | Refused:
        """Carry out an order; what goes wrong is the answer, for the worker itself lives on."""
        try:
            return self.load(order.path) if isinstance(order, Load) else self.run(order)
        except UserError as error:
            return Refused(str(error), user=True)
        except Exception as error:  # whatever the device raises belongs to those who asked
            log.exception("an order failed")
            return Refused(f"{type(error).__name__}: {error}", user=False)

    def load(self, path: Path) -> Model:
        loaded = checkpoint.load(path)
        placed = self.sampler.place(loaded.generator)
        self.models[loaded.digest] = placed
        gc.collect()
        gc.freeze()  # what is loaded stays: no collection walks it again
        return Model(
            path=path,
            card=loaded.card,
            digest=loaded.digest,
            precision=self.sampler.precision,
            sizes=placed.sizes,
        )

    def run(self, order: Run) -> Pixels:
        if order.digest not in self.models:
            raise UserError(f"no model of digest {order.digest}: its file was changed or removed")
        return self.sampler.run(self.models[order.digest], order.work)


if __name__ == "__main__":
    logging.basicConfig(format=LOG_FORMAT)
    with Connection(int(sys.argv[1])) as link:
        serve(link, link.recv())
