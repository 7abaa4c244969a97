"""`POST /v2/models/{model}/infer`: the images are those of `POST /generate`."""

import base64
import gzip
import io
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from tritonclient.http import InferResult

from models import latents
from service.v2.codec import LENGTH
from tests.service.v2 import tritons
from tests.service.v2.tritons import Array, column

SEEDS = (3, 2**53 - 1, 0, 7)


def ask(client: TestClient, model: str, given: list[Any], **more: Any) -> InferResult:
    """Ask as tritonclient does, and read the answer as it does."""
    body, length = tritons.written(given, **more)
    headers = {} if length is None else {LENGTH: length}
    answer = client.post(f"/v2/models/{model}/infer", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    said = answer.headers.get(LENGTH)
    return tritons.read(answer.content, None if said is None else int(said))


def generated(client: TestClient, **body: Any) -> Array:
    """Ask `POST /generate` for pixels."""
    answer = client.post("/generate", json={**body, "format": "npy"})
    assert answer.status_code == 200, answer.text
    pixels: Array = np.load(io.BytesIO(answer.content))
    return pixels


def test_images_and_files_are_those_of_generate_byte_for_byte(client: TestClient) -> None:
    labels = (1, 9, 0, 4)
    given = tritons.inputs(seed=column(*SEEDS), label=column(*labels))
    result = ask(client, "digits", given)
    images, files = result.as_numpy("image"), result.as_numpy("png")
    for place, (seed, label) in enumerate(zip(SEEDS, labels, strict=True)):
        body = {"model": "digits", "seed": seed, "class": label}
        assert files[place] == client.post("/generate", json=body).content
        assert np.array_equal(images[place], generated(client, **body)[0])


@pytest.mark.parametrize("model", ["digits", "plain", "clothes", "coded"])
def test_what_is_not_given_is_drawn_from_the_seed(client: TestClient, model: str) -> None:
    result = ask(client, model, tritons.inputs(seed=np.arange(5, dtype=np.int64)))
    assert np.array_equal(result.as_numpy("image"), generated(client, model=model, seed=0, n=5))
    drawn = result.as_numpy("class")
    if model in ("digits", "clothes"):
        names = json.loads(client.get(f"/models/{model}").text)["card"]["class_names"]
        body = {"model": model, "seed": 0, "n": 5, "format": "json"}
        said = client.post("/generate", json=body).json()["images"]
        assert [names[at] for at in drawn.reshape(-1)] == [image["class"] for image in said]
    else:
        assert drawn is None


def test_truncation_is_that_of_generate(client: TestClient) -> None:
    shares = np.array([[0.25], [1], [0]], np.float32)
    result = ask(client, "plain", tritons.inputs(seed=column(4, 5, 6), truncation=shares))
    for place, share in enumerate(shares.reshape(-1).tolist()):
        body = {"model": "plain", "seed": 4 + place, "truncation": share}
        assert np.array_equal(result.as_numpy("image")[place], generated(client, **body)[0])


@pytest.mark.parametrize("binary", [True, False])
def test_z_is_that_of_generate(client: TestClient, binary: bool) -> None:
    z = latents.normal(np.array([8, 9]), 8)
    given = tritons.inputs(binary=binary, z=z, label=column(2, 3))
    expected = generated(client, model="digits", latents=z.tolist(), **{"class": [2, 3]})
    assert np.array_equal(ask(client, "digits", given).as_numpy("image"), expected)


def test_beside_z_the_seed_draws_the_rest(client: TestClient) -> None:
    z = latents.normal(np.array([8, 9]), 8)
    expected = generated(client, model="coded", latents=z.tolist(), seed=20)
    given = tritons.inputs(z=z, seed=column(20, 21))
    assert np.array_equal(ask(client, "coded", given).as_numpy("image"), expected)


def test_codes_are_those_of_generate(client: TestClient) -> None:
    rows = np.array([[0, 1, 0, 0.5, -2], [1, 0, 0, 0, 1]], np.float32)
    said = [
        {"categorical": [int(row[:3].argmax())], "continuous": row[3:].tolist()} for row in rows
    ]
    expected = generated(client, model="coded", seed=6, codes=said)
    given = tritons.inputs(seed=column(6, 7), codes=rows)
    assert np.array_equal(ask(client, "coded", given).as_numpy("image"), expected)


def test_a_request_is_one_item_of_the_queue(client: TestClient) -> None:
    """All its images are computed together, up to what fits into a batch: 16 here."""
    before = batches(client)
    ask(client, "plain", tritons.inputs(seed=np.arange(32, dtype=np.int64)))
    assert batches(client) == before + 2


def batches(client: TestClient) -> int:
    said = client.get("/v2/models/plain/stats").json()["model_stats"][0]
    return int(said["execution_count"])


def test_only_what_is_asked_for_is_sent_in_the_way_that_is_asked_for(client: TestClient) -> None:
    wanted = [*tritons.outputs("class", binary=False), *tritons.outputs("png")]
    given = tritons.inputs(seed=column(1))
    response = ask(client, "digits", given, outputs=wanted).get_response()
    label, png = response["outputs"]
    assert [label["name"], png["name"]] == ["class", "png"]
    assert label["data"] == response["outputs"][0]["data"]
    assert "parameters" not in label
    assert png["parameters"]["binary_data_size"] > 4
    assert "data" not in png


def test_an_answer_of_json_needs_no_header(client: TestClient) -> None:
    body = {
        "id": "\N{SNOWMAN}",
        "inputs": [{"name": "seed", "shape": [1], "datatype": "INT64", "data": [5]}],
    }
    answer = client.post("/v2/models/plain/infer", json=body)
    assert LENGTH not in answer.headers
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["id"] == "\N{SNOWMAN}"
    assert said["model_name"] == "plain"
    assert said["model_version"] == client.get("/models/plain").json()["digest"]
    image, png = said["outputs"]
    pixels = np.array(image["data"], np.uint8).reshape(image["shape"])
    assert np.array_equal(pixels, generated(client, model="plain", seed=5))
    file = client.post("/generate", json={"model": "plain", "seed": 5}).content
    assert base64.b64decode(png["data"][0]) == file


def test_a_body_without_json_is_seeds_and_is_answered_in_kind(client: TestClient) -> None:
    raw = np.array([5, 6], "<i8").tobytes()
    answer = client.post("/v2/models/plain/infer", content=raw, headers={LENGTH: "0"})
    assert answer.headers["content-type"] == "application/octet-stream"
    result = tritons.read(answer.content, int(answer.headers[LENGTH]))
    assert np.array_equal(result.as_numpy("image"), generated(client, model="plain", seed=5, n=2))


UNPACK: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}


@pytest.mark.parametrize("encoding", sorted(UNPACK))
def test_a_packed_request_has_a_packed_answer(client: TestClient, encoding: str) -> None:
    body, length = tritons.written(tritons.inputs(seed=column(1, 2)))
    assert length is not None
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    headers = {"content-encoding": encoding, "accept-encoding": encoding, LENGTH: length}
    with client.stream("POST", "/v2/models/plain/infer", content=packed, headers=headers) as answer:
        sent = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(sent) == int(answer.headers["content-length"])
    result = tritons.read(UNPACK[encoding](sent), int(answer.headers[LENGTH]))
    assert np.array_equal(result.as_numpy("image"), generated(client, model="plain", seed=1, n=2))


@pytest.mark.parametrize("accept", ["identity", "br", "gzip;q=0", "identity, gzip;q=0.5", ""])
def test_who_takes_no_packed_answer_gets_none(client: TestClient, accept: str) -> None:
    body, _ = tritons.written(tritons.inputs(binary=False, seed=column(1)))
    headers = {"accept-encoding": accept}
    answer = client.post("/v2/models/plain/infer", content=body, headers=headers)
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


def test_a_bomb_is_refused(client: TestClient) -> None:
    headers = {"content-encoding": "gzip", LENGTH: "9"}
    answer = client.post(
        "/v2/models/plain/infer", content=gzip.compress(bytes(64 << 20)), headers=headers
    )
    assert answer.status_code == 413
    assert "more when it is unpacked" in answer.json()["error"]


def test_it_is_counted_by_route_model_and_code(client: TestClient) -> None:
    body, _ = tritons.written(tritons.inputs(binary=False, seed=column(1, 2)))
    before = client.get("/metrics").text
    client.post("/v2/models/plain/infer", content=body)
    client.post("/v2/models/plain/infer", content=b"{}")
    after = client.get("/metrics").text
    route = 'model="plain",route="/v2/models/{model}/infer"'
    for name, more in (
        (f'ganforge_requests_total{{code="200",{route}}}', 1),
        (f'ganforge_requests_total{{code="400",{route}}}', 1),
        ('ganforge_images_total{model="plain"}', 2),
        ('ganforge_encode_seconds_count{format="v2"}', 1),
    ):
        assert value(after, name) == value(before, name) + more


def value(metrics: str, name: str) -> float:
    found = [line for line in metrics.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def test_a_deadline_is_that_of_generate(client: TestClient) -> None:
    body, _ = tritons.written(tritons.inputs(binary=False, seed=column(1)))
    headers = {"x-deadline-ms": "soon"}
    answer = client.post("/v2/models/plain/infer", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}
    assert "expected milliseconds" in answer.json()["error"]
