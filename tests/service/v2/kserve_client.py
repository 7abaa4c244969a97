"""What KServe's client makes of a server: `python kserve_client.py URL` prints it as JSON.

It is run in an environment of its own, for KServe asks for older versions of what the service uses.
"""

import asyncio
import json
import sys
from base64 import b64encode
from typing import Any

import numpy as np
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig


def column(name: str, *values: int, binary: bool) -> InferInput:
    """Make an input (N, 1) of whole numbers."""
    numbers = np.array(values, np.int64).reshape(-1, 1)
    made = InferInput(name, list(numbers.shape), "INT64")
    made.set_data_from_numpy(numbers, binary_data=binary)
    return made


def base64(file: bytes | str) -> str:
    """Write a file's bytes as base64, which they are already where all of the answer is JSON."""
    return file if isinstance(file, str) else b64encode(file).decode()


async def look(url: str) -> dict[str, Any]:
    """Ask for readiness, for images in binary and in JSON, and for a model that is not there."""
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    found: dict[str, Any] = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url),
        "model ready": await client.is_model_ready(url, "digits"),
    }
    for binary in (True, False):
        columns = [
            column("seed", 5, 900, binary=binary),
            column("class", 7, 0, binary=binary),
        ]
        answer = await client.infer(url, InferRequest("digits", columns), model_name="digits")
        outputs = {one.name: one.as_numpy() for one in answer.outputs}
        found["binary" if binary else "json"] = {
            "image": [list(outputs["image"].shape), outputs["image"].dtype.name],
            "png": [base64(file) for file in outputs["png"]],
        }
    try:
        await client.infer(url, InferRequest("nobody", columns), model_name="nobody")
    except HTTPStatusError as error:
        found["error"] = str(error)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look(sys.argv[1]))))  # noqa: T201
