"""Protocol: uvicorn's HTTP, with the head and the body of an answer in one write.

uvloop sends what is written at once, so that a small answer is two system calls here and two
wake-ups at the client.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Protocol(HttpToolsProtocol):
    """What `uvicorn.run(http=...)` takes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Paired(transport, self.loop.call_soon))  # type: ignore[arg-type]


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
