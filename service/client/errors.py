"""Every error that the client raises.

ClientError
├── NoServerError         nobody answers at the address
├── LostError             the connection broke before the answer was whole
├── TimedOutError         no answer in the time that the call may take
├── StrangeAnswerError    an answer that is not a ganforge's: most likely the address is another's
├── ChangedError          the weights were replaced while their images were being fetched
└── AnswerError           an answer that is not 2xx: `status`, `detail`, `retry_after`
    ├── InvalidError 4xx      the request is at fault; `errors` tells fields
    │   ├── UnauthorizedError 401
    │   ├── ForbiddenError 403
    │   └── NotFoundError 404     no such model, or it has other weights by now
    ├── QuotaError 429        the key has had its images for now
    └── FaultError 5xx        the service is at fault
        ├── OverloadedError 503   the queue is full, or a deadline cannot be met
        └── ExpiredError 504      the deadline is over
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

NOT_TLS = "WRONG_VERSION_NUMBER"
"""What OpenSSL calls an answer that is in no TLS."""


class ClientError(Exception):
    """What was found, what was expected, what to do."""


class NoServerError(ClientError):
    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"no ganforge at {url}: {advice(url, why)} ({why})")


def advice(url: str, why: str) -> str:
    """Say what to do where a connection did not come about."""
    if NOT_TLS in why:
        plain = url.replace("https:", "http:", 1)
        return f"what answers there speaks no TLS, most likely plain HTTP: give {plain}"
    return "start one with `ganforge serve`"


class LostError(ClientError):
    pass


class TimedOutError(ClientError):
    pass


class StrangeAnswerError(ClientError):
    pass


class ChangedError(ClientError):
    pass


class AnswerError(ClientError):
    """What the service says of a request that it does not fulfil.

    `retry_after` is in seconds, where it says when to come again; `errors` has a `field`, a
    `message` and what was `found` for each field at fault; `request_id` finds it in the log.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        retry_after: float | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.errors = list(errors)
        self.request_id = request_id


class InvalidError(AnswerError):
    pass


class UnauthorizedError(InvalidError):
    pass


class ForbiddenError(InvalidError):
    pass


class NotFoundError(InvalidError):
    pass


class QuotaError(AnswerError):
    pass


class FaultError(AnswerError):
    pass


class OverloadedError(FaultError):
    pass


class ExpiredError(FaultError):
    pass


BY_STATUS: Mapping[int, type[AnswerError]] = MappingProxyType(
    {
        401: UnauthorizedError,
        403: ForbiddenError,
        404: NotFoundError,
        429: QuotaError,
        503: OverloadedError,
        504: ExpiredError,
    }
)


def kind_of(status: int) -> type[AnswerError]:
    """Find the error of a status."""
    family = {4: InvalidError, 5: FaultError}.get(status // 100, AnswerError)
    return BY_STATUS.get(status, family)
