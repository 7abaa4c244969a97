"""Golden images: what the bundled models made of a few seeds when they were looked at.

Bytes depend on the processor: these are pixels, in fp32, of which few may differ by a grey level.
"""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from starlette.testclient import TestClient

from models.pixels import Pixels
from service.app import create_app
from service.settings import ZOO, Settings

FILE = Path(__file__).with_name("zoo.npz")
SEEDS = 4


def made() -> Mapping[str, Pixels]:
    """Have the service make the images of every bundled model, by `name@digest`: (n, H, W, C)."""
    settings = Settings(models=(ZOO,), device="cpu", precision="fp32", max_batch=SEEDS)
    with TestClient(create_app(settings)) as client:
        return {
            f"{one['model']}@{one['digest']}": ask(client, one["model"])
            for one in client.get("/models").json()["models"]
        }


def ask(client: TestClient, model: str) -> Pixels:
    """Make the images of the first seeds, each of the class that its seed draws."""
    body = {"model": model, "seed": 0, "n": SEEDS, "format": "npy"}
    images: Pixels = np.load(io.BytesIO(client.post("/generate", json=body).content))
    return images


def recorded() -> Mapping[str, Pixels]:
    """Read the images that were recorded."""
    with np.load(FILE) as file:
        return dict(file)
