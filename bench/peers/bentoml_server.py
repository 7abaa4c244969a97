"""BentoML as its documentation recommends: adaptive batches of up to 32, behind a front end.

A batch is a list on both sides of BentoML's protocol, so a service of its own takes one query and
answers one PNG. Two processes of it, one a core, are the better; so is leaving logs of access and
metrics out. Each keeps a session with the painter which by default is closed after 100 requests,
also under those that it is then waiting for, which fail: here it lasts.
"""

import argparse
from pathlib import Path
from typing import Annotated, Any

import bentoml
from bentoml.validators import ContentType
from pydantic import Field

from bench.peers.painter import Painter, encode

SETTINGS = {
    "logging": {"access": {"enabled": False}},
    "metrics": {"enabled": False},
    "runner_connection": {"max_requests": 10**9, "max_age": 1e9},
}


@bentoml.service(workers=1, **SETTINGS)
class PainterService:
    """Paint a batch; BentoML learns by itself how long to wait for one."""

    def __init__(self) -> None:
        self.painter = Painter(Path(bentoml.use_arguments().checkpoint))

    # Any is a Query: pydantic refuses a TypedDict of the standard library before Python 3.12.
    @bentoml.api(batchable=True, max_batch_size=32)
    def paint(self, queries: list[Any]) -> list[bytes]:
        return [encode(pixels) for pixels in self.painter.paint(queries)]


@bentoml.service(workers=2, **SETTINGS)
class Front:
    """Ask the painter for a batch of one; it puts those together."""

    painter = bentoml.depends(PainterService)

    @bentoml.api(route="/generate")
    async def generate(
        self, label: Annotated[int, Field(alias="class")], seed: int
    ) -> Annotated[bytes, ContentType("image/png")]:
        pngs: list[bytes] = await self.painter.to_async.paint([{"class": label, "seed": seed}])
        return pngs[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    bentoml.serve(
        "bench.peers.bentoml_server:Front",
        host="127.0.0.1",
        port=given.port,
        blocking=True,
        args={"checkpoint": str(given.checkpoint)},
    )
