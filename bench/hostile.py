"""Hostile: requests that a service has to refuse, each with the statuses that it deserves."""

from typing import NamedTuple

from bench.client import get, post

SEEDS = 2**64
LARGE = 8 << 20


class Hostile(NamedTuple):
    """What is wrong with a request, the request, and what it deserves."""

    name: str
    request: bytes
    deserved: frozenset[int]


def hostile(name: str, request: bytes, *deserved: int) -> Hostile:
    return Hostile(name, request, frozenset(deserved))


def generate(name: str, *deserved: int, **body: object) -> Hostile:
    return hostile(name, post("/generate", body), *deserved)


def requests(model: str) -> list[Hostile]:
    """List them all; `model` is one that there is."""
    chunks = b"100000\r\n" + bytes(1 << 20) + b"\r\n"
    chunked = b"POST /generate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [
        hostile("no JSON", post("/generate", b"{"), 400),
        hostile("no UTF-8", post("/generate", b"\xff\xfe\x00"), 400),
        hostile("deep JSON", post("/generate", b"[" * 100_000), 400, 422),
        hostile("a huge body", post("/generate", bytes(LARGE)), 413),
        hostile("a huge body in chunks", chunked + 2 * chunks, 413),
        hostile("no body", post("/generate"), 400),
        hostile("no HTTP", b"HELLO\r\n\r\n", 400),
        hostile("a huge head", b"GET /healthz HTTP/1.1\r\nX: " + b"x" * (1 << 17), 431),
        hostile("a length that lies", post("/generate", b"{}")[:-1], 408),
        hostile("no such path", get("/%2e%2e/%2e%2e/etc/passwd"), 404),
        hostile("no such method", get("/generate"), 405),
        hostile("no admin", post("/admin/reload"), 401),
        hostile("no image", post(f"/discriminate?model={model}", b"GIF89a" + bytes(100)), 415),
        hostile("no seed", get(f"/images/{model}/-1.png"), 404, 422),
        hostile("one keyframe", post("/interpolate", {"model": model, "keyframes": [{}]}), 422),
        hostile("no format", post("/generate", {"model": model}, {"Accept": "text/html"}), 406),
        hostile("no time", post("/generate", {"model": model}, {"X-Deadline-Ms": "-1"}), 422),
        hostile("little time", post("/generate", {"model": model}, {"X-Deadline-Ms": "1"}),
                200, 503, 504),
        generate("an unknown model", 404, model="../" * 100),
        generate("a model that is none", 422, model=7),
        generate("an unknown field", 422, model=model, weights="x"),
        generate("a seed as text", 422, model=model, seed="7"),
        generate("a seed too large", 422, model=model, seed=SEEDS),
        generate("a class that is none", 422, model=model, **{"class": True}),
        generate("an unknown class", 422, model=model, **{"class": 10**9}),
        generate("no images", 422, model=model, n=0),
        generate("too many images", 422, model=model, n=10**9),
        generate("latents that are none", 422, model=model, latents=[[1e300, "x"]]),
    ]  # fmt: skip
