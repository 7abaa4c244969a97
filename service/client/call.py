"""Call: a request, and what is to be made of its answer."""

import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from service.client.asked import Label
from service.client.patience import check_deadline
from service.client.pictures import Picture, file_of
from service.client.receipt import Answer, Receipt
from service.client.target import Target

if TYPE_CHECKING:
    from service.client.core import Core
    from service.client.pictures import Pixels

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


GRACE_SECONDS = 1.0


class Job(Protocol[T_co]):
    """Something that a core does."""

    def on(self, core: "Core") -> Coroutine[Any, Any, T_co]: ...


@dataclass(frozen=True, kw_only=True)
class Call(Generic[T]):
    """A request, and how its answer is read.

    An answer of a status in `welcome` is read too. `deadline` is in seconds. One that is not
    `patient` is sent once.
    """

    method: str
    path: str
    read: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    media_type: str = "application/json"
    deadline: float | None = None
    welcome: tuple[int, ...] = ()
    patient: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError for a deadline that is none."""
        check_deadline(self.deadline)

    @property
    def address(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def grace(self) -> float:
        """How long after its deadline the service is heard out: it says itself that it is over."""
        return 0.0 if self.deadline is None else GRACE_SECONDS

    def on(self, core: "Core") -> Coroutine[Any, Any, T]:
        return core.ask(self)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Images that are wanted `size` at a time."""

    body: Mapping[str, Any]
    size: int
    deadline: float | None

    def __post_init__(self) -> None:
        """Raises ValueError for a deadline that is none."""
        check_deadline(self.deadline)

    def call(self, body: Mapping[str, Any]) -> Call[Receipt]:
        """Ask for some of them."""
        return post("/generate", body, self.deadline, received)


@dataclass(frozen=True, kw_only=True)
class Array:
    """Images that are wanted in one array."""

    parts: Parts

    def on(self, core: "Core") -> "Coroutine[Any, Any, Pixels]":
        return core.array(self)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """An answer that is wanted in a file."""

    call: Call[Receipt]
    target: Target

    def on(self, core: "Core") -> Coroutine[Any, Any, Receipt]:
        return core.copy(self)


def received(answer: Answer) -> Receipt:
    return Receipt.read(answer.headers)


def post(path: str, body: Any, deadline: float | None, read: Callable[[Answer], T]) -> Call[T]:
    """Make a call whose request is JSON."""
    content = json.dumps(body).encode()
    return Call(method="POST", path=path, content=content, deadline=deadline, read=read)


def upload(
    path: str,
    image: Picture,
    query: Mapping[str, Label | None],
    deadline: float | None,
    read: Callable[[Answer], T],
) -> Call[T]:
    """Make a call whose request is an image."""
    return Call(
        method="POST",
        path=path,
        query={name: str(value) for name, value in query.items() if value is not None},
        content=file_of(image),
        media_type="application/octet-stream",
        deadline=deadline,
        read=read,
    )
