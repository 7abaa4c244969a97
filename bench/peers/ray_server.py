"""Ray Serve as its documentation recommends for throughput: one replica, batch 32, 5 ms.

The settings that Ray reads from its environment stand in bench/contestants.py.
"""

import argparse
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from bench.peers.painter import Painter, Query, encode
from bench.server import free_port


class PainterReplica:
    """Answer each request from the batch that it was in."""

    def __init__(self, checkpoint: Path) -> None:
        self.painter = Painter(checkpoint)

    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.005)
    async def paint(self, queries: Sequence[Query]) -> list[bytes]:
        return [encode(pixels) for pixels in self.painter.paint(queries)]

    async def __call__(self, request: Request) -> Response:
        return Response(await self.paint(await request.json()), media_type="image/png")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    # A range of one port for the replica, which answers by itself; the proxy's is of no use.
    os.environ["RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT"] = str(given.port)
    os.environ["RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT"] = str(given.port + 1)
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex()  # or Ray writes one to a file in ~/.ray
    ray.init(address="local", num_cpus=2, include_dashboard=False)
    serve.start(
        http_options={"host": "127.0.0.1", "port": free_port()},
        logging_config={"enable_access_log": False},
    )
    # By default a replica is given no more than five requests at once, so batches would stay small.
    replica = serve.deployment(PainterReplica, num_replicas=1, max_ongoing_requests=256)
    serve.run(replica.bind(given.checkpoint), route_prefix="/generate", blocking=True)
