"""What the service asks of its worker process and what comes back: plain data for a pipe."""

from dataclasses import dataclass
from pathlib import Path

from models.card import ModelCard
from service.engine.cost import Cost
from service.engine.sizes import Sizes
from service.engine.work import Job
from service.logs import Form


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a worker is started with.

    In `kept` it keeps what it has read: whoever takes its place needs the same files, whatever has
    become of them meanwhile.
    """

    device: str
    precision: str
    threads: int
    capacity: int
    log_level: str = "warning"
    log_format: Form = "text"
    kept: Path | None = None


@dataclass(frozen=True)
class Load:
    """Read this checkpoint and put it on the device. Answered by a Model or by Refused."""

    path: Path


@dataclass(frozen=True)
class Run:
    """Do this work. Answered by an array with as many rows, or by Refused."""

    digest: str
    work: Job


@dataclass(frozen=True)
class Unload:
    """Forget the model of this digest. Answered by Unloaded."""

    digest: str


@dataclass(frozen=True)
class Unloaded:
    """It is no longer there."""


@dataclass(frozen=True)
class Ready:
    """The worker's first word: the device that it has."""

    device: str


@dataclass(frozen=True)
class Refused:
    """Why an order was not carried out.

    `user` says that the user can mend it, `memory` that a smaller one may fit.
    """

    reason: str
    user: bool = False
    memory: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A model on the device, the batch sizes whose rows come out the same there, and their cost.

    `path` is where it can be read again.
    """

    path: Path
    card: ModelCard
    digest: str
    precision: str
    sizes: Sizes
    cost: Cost


@dataclass(frozen=True)
class Measure:
    """Say how much memory is in use. Answered by Memory."""


class Memory(dict[str, int]):
    """Bytes by kind: `resident` of the worker, `allocated` and `reserved` on a GPU."""


Order = Load | Run | Unload | Measure
