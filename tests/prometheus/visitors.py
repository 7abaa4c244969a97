"""Visitors: who asks the service for everything that its metrics can tell of."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count, cycle
from typing import Any

from tests.service.test_server import Server, send

FORMS = ("png", "npy", "json", "webp")
LARGE = 50_000
LATE = {"X-Deadline-Ms": "30"}
PATIENCE = 0.2

Visit = Callable[[Server, threading.Event], None]


@contextmanager
def visited(server: Server) -> Iterator[None]:
    """Have the service visited by all kinds of clients, until this ends."""
    over = threading.Event()
    visits = [usual, usual, usual, leaving, hurried, lost]
    threads = [threading.Thread(target=visit, args=(server, over)) for visit in visits]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def usual(server: Server, over: threading.Event) -> None:
    """Ask for images of both models in all formats, more than fit into one batch among them."""
    for seed, form, model in zip(count(1000), cycle(FORMS), cycle(("plain", "digits", "digits"))):
        if over.is_set():
            return
        n = 12 if form == "npy" else 1
        ask(server, {"model": model, "seed": seed, "n": n, "format": form})


def leaving(server: Server, over: threading.Event) -> None:
    """Ask for so much that nobody else finds room, and hang up in the middle of it."""
    while not over.is_set():
        with send(server, model="plain", seed=10_000, n=LARGE, format="json"):
            over.wait(PATIENCE)


def hurried(server: Server, over: threading.Event) -> None:
    """Ask for more than can be made in time."""
    while not over.is_set():
        ask(server, {"model": "plain", "seed": 5000, "n": 60, "format": "npy"}, LATE)
        over.wait(PATIENCE)


def lost(server: Server, over: threading.Event) -> None:
    """Ask for what there is not."""
    while not over.is_set():
        ask(server, {"model": "none"})
        over.wait(PATIENCE)


def ask(server: Server, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> int:
    """Return the status of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("POST", "/generate", json.dumps(body), dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
