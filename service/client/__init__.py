"""The client: `ganforge.Client` and `ganforge.AsyncClient`.

    with ganforge.Client() as client:
        client.generate("acgan", class_=7, n=16, seed=1).grid().save("sevens.png")

`calls` says what is sent and how answers are read, `core` sends, retries and streams, `wires` is
all in which the two clients differ. It imports neither torch nor starlette, and Pillow and NumPy
only where pixels are wanted.
"""

from service.client.asked import Asked, Codes, Keyframe
from service.client.clients import AsyncClient, Client
from service.client.described import Model, Opinion, Readiness, Realness
from service.client.errors import (
    AnswerError,
    ChangedError,
    ClientError,
    ExpiredError,
    FaultError,
    ForbiddenError,
    InvalidError,
    LostError,
    NoServerError,
    NotFoundError,
    OverloadedError,
    QuotaError,
    StrangeAnswerError,
    TimedOutError,
    UnauthorizedError,
)
from service.client.images import Frames, Images
from service.client.receipt import File, Receipt, Timing

__all__ = [
    "AnswerError",
    "Asked",
    "AsyncClient",
    "ChangedError",
    "Client",
    "ClientError",
    "Codes",
    "ExpiredError",
    "FaultError",
    "File",
    "ForbiddenError",
    "Frames",
    "Images",
    "InvalidError",
    "Keyframe",
    "LostError",
    "Model",
    "NoServerError",
    "NotFoundError",
    "Opinion",
    "OverloadedError",
    "QuotaError",
    "Readiness",
    "Realness",
    "Receipt",
    "StrangeAnswerError",
    "TimedOutError",
    "Timing",
    "UnauthorizedError",
]
