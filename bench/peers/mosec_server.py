"""mosec as its documentation recommends: one worker process, batch 32, 5 ms.

mosec reads `--address`, `--port` and `--log-level` from the command line itself.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mosec import Server, Worker  # the bench alone requires it

from bench.peers.painter import Painter, Query, encode


class PainterWorker(Worker):  # type: ignore[misc]  # its base has no types here
    """Read a query, paint a batch, write each image; in a process of its own."""

    resp_mime_type = "image/png"

    def __init__(self) -> None:
        super().__init__()
        parser = argparse.ArgumentParser()
        parser.add_argument("--checkpoint", type=Path, required=True)
        self.painter = Painter(parser.parse_known_args()[0].checkpoint)

    def forward(self, data: Sequence[Query]) -> list[bytes]:
        return [encode(pixels) for pixels in self.painter.paint(data)]

    def serialize(self, data: bytes) -> bytes:
        return data


if __name__ == "__main__":
    server = Server()
    server.append_worker(
        PainterWorker, num=1, max_batch_size=32, max_wait_time=5, route="/generate"
    )
    server.run()
