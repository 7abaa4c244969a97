"""Protocol: uvicorn's HTTP, with the head and the body of an answer in one write.

uvloop sends what is written at once, so that a small answer is two system calls here and two
wake-ups at the client.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from service.errors import problem

HEAD_BYTES = 1 << 16
PIECE = 1 << 12

ARRIVED = "arrived"

BLANKS = b" \t"
"""What may stand around a header's value and is not of it (RFC 9110, 5.5)."""


class Protocol(HttpToolsProtocol):
    """What `uvicorn.run(http=...)` takes, but for `head_seconds`.

    A head has its time and its size: uvicorn waits for ever for the rest of one, and keeps it all.
    What is refused is answered in its turn: after all that was asked before it on its connection.
    """

    def __init__(self, *arguments: Any, head_seconds: float, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seconds = head_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._began = False
        self._head = 0  # bytes of a head that is not whole
        self._before: RequestResponseCycle | None = None  # the request before the last one
        self._refusal: bytes | None = None  # what is said before hanging up

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Paired(transport, self.loop.call_soon))  # type: ignore[arg-type]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._began = True
        self._head = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value.strip(BLANKS))

    def on_headers_complete(self) -> None:
        self._wait_no_longer()
        self.scope["state"][ARRIVED] = perf_counter()  # deadlines count from here
        self._before = self.cycle
        super().on_headers_complete()
        self._began = False

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._refusal is not None and not self._answering:
            self._hang_up()

    def data_received(self, data: bytes) -> None:
        """Read what has come, in pieces: a head that comes whole has no more room than others."""
        for start in range(0, len(data), PIECE):
            self._read(data[start : start + PIECE])

    def _read(self, data: bytes) -> None:
        """Read a piece; most heads are whole in one, and no timer is set for them."""
        if self._refusal is not None:  # nothing more is read of who is hung up on
            return
        super().data_received(data)
        if not self._began or self._refusal is not None or self.transport.is_closing():
            return
        self._head += len(data)
        if self._head > HEAD_BYTES:
            self._refuse(431, f"the head of the request is limited to {HEAD_BYTES} bytes")
        elif self._timer is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, in the shape of all other errors."""
        self._refuse(400, f"{msg} Expected HTTP/1.1, what is not ASCII in an address as %XX")

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(self._seconds, self._on_slow_head)

    def _wait_no_longer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_slow_head(self) -> None:
        if self._answering:  # another request of the same connection, which comes first
            self._wait()
        elif self._began:
            self._refuse(408, f"the head was not whole after {self._seconds:g} seconds")
        else:  # nothing was asked
            self.transport.close()

    def _refuse(self, status: int, detail: str) -> None:
        """Answer without the app and hang up, when all that was asked before has been answered."""
        self._wait_no_longer()
        answer = problem(status, detail, {"connection": "close"})
        head = "".join(f"{k.decode()}: {v.decode()}\r\n" for k, v in answer.raw_headers)
        phrase = HTTPStatus(status).phrase
        self._refusal = f"HTTP/1.1 {status} {phrase}\r\n{head}\r\n".encode() + bytes(answer.body)
        if not self._began and self.cycle is not None and self.cycle.more_body:
            self._give_up_body()
        if not self._answering:
            self._hang_up()

    def _give_up_body(self) -> None:
        """Have the app hear no more of a request whose body is at fault, or has been answered."""
        wrong, self.cycle = self.cycle, self._before  # type: ignore[assignment]
        if self.pipeline and self.pipeline[0][0] is wrong:
            self.pipeline.popleft()
        if wrong.response_started:
            self._refusal = b""
        wrong.disconnected = True
        wrong.message_event.set()

    def _hang_up(self) -> None:
        """Say what there is to say, once, and close."""
        if self._refusal and not self.transport.is_closing():
            self.transport.write(self._refusal)
        self.transport.close()


class Paired:
    """A transport that holds a write until the next one, or until the event loop comes round."""

    def __init__(self, transport: asyncio.Transport, soon: Callable[..., Any]) -> None:
        self._transport = transport
        self._soon = soon
        self._held: bytes | None = None

    def write(self, data: bytes) -> None:
        """Send `data` together with what was held, or hold it."""
        if self._held is None:
            self._held = data
            self._soon(self.flush)
        else:
            held, self._held = self._held, None
            self._transport.writelines((held, data))

    def flush(self) -> None:
        """Send what is held."""
        if self._held is not None:
            held, self._held = self._held, None
            self._transport.write(held)

    def close(self) -> None:
        """Send what is held, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
