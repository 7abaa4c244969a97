"""LitServe as its documentation recommends: batch 32, 5 ms, one worker on the device.

`fast_queue=True` has no effect in 0.2.19 (LitServe issue 751), so it is not asked for.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import litserve  # a requirement of the bench alone
from fastapi import Response

from bench.peers.painter import Painter, Query, encode
from models.pixels import Pixels


class PainterAPI(litserve.LitAPI):  # type: ignore[misc]  # its base has no types here
    """The hooks of LitServe, in the order in which it calls them."""

    def __init__(self, checkpoint: Path) -> None:
        super().__init__(max_batch_size=32, batch_timeout=0.005, api_path="/generate")
        self.checkpoint = checkpoint

    def setup(self, device: str) -> None:
        self.painter = Painter(self.checkpoint)

    def batch(self, inputs: list[Query]) -> list[Query]:
        return inputs

    def predict(self, x: Sequence[Query]) -> list[Pixels]:
        return self.painter.paint(x)

    def unbatch(self, output: list[Pixels]) -> list[Pixels]:
        return output

    def encode_response(self, output: Pixels) -> Response:
        return Response(encode(output), media_type="image/png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    server = litserve.LitServer(
        PainterAPI(given.checkpoint), accelerator="cpu", workers_per_device=1
    )
    server.run(
        host="127.0.0.1",
        port=given.port,
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )
