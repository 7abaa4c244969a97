"""A server of bytes: says to each connection what it is told to, and hears what it is asked."""

import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Puppet:
    """Where it is, and what it was asked; `listener` takes connections."""

    def __init__(self, listener: socket.socket, answers: Sequence[bytes]) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.heard: list[bytes] = []
        self._listener = listener
        self._answers = answers

    def serve(self) -> None:
        """Answer one connection after another, and hang up after each."""
        for answer in self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed: nobody else comes
                return
            with connection:
                self.heard.append(read_request(connection))
                connection.sendall(answer)


def read_request(connection: socket.socket) -> bytes:
    """Read one request, head and body."""
    said = b""
    while b"\r\n\r\n" not in said:
        said += connection.recv(1 << 16)
    length = LENGTH.search(said)
    while len(said.partition(b"\r\n\r\n")[2]) < int(length[1] if length else 0):
        said += connection.recv(1 << 16)
    return said


@contextmanager
def saying(*answers: bytes, port: int = 0) -> Iterator[Puppet]:
    """Run a puppet that gives these answers, one a connection."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        puppet = Puppet(listener, answers)
        thread = threading.Thread(target=puppet.serve)
        thread.start()
        try:
            yield puppet
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Write an answer; a length other than the body's is a lie."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextmanager
def cutting(port: int, limits: Sequence[int], then: Callable[[], None]) -> Iterator[str]:
    """Stand before a server, and cut off the first answers after so many bytes, then none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=forward, args=(listener, port, [*limits, None], then))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def forward(
    listener: socket.socket, port: int, limits: list[int | None], then: Callable[[], None]
) -> None:
    for limit in limits:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, socket.create_connection(("127.0.0.1", port)) as server:
            asked = read_request(connection)
            server.sendall(asked.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            sent = 0
            while limit is None or sent < limit:
                part = server.recv(1 << 16 if limit is None else min(1 << 16, limit - sent))
                if not part:
                    break
                connection.sendall(part)
                sent += len(part)
        then()
