"""OpenAI's client itself, against a real server and against the app."""

import base64
import io
import json
import socket
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import openai
import pytest
from openai import OpenAI
from openai.types import ImagesResponse
from PIL import Image
from starlette.testclient import TestClient

from service.app import create_app
from service.gate import digest_of
from service.quota import Quota
from service.settings import Settings
from service.v2.codec import LENGTH
from tests import zoo
from tests.service.test_server import Server, paused, serving, wait_until, worker_of


@pytest.fixture(scope="module")
def server(server_of_clients: Server) -> Server:
    return server_of_clients


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[OpenAI]:
    with connected(server) as client:
        yield client


def connected(server: Server, key: str = "unused", **more: Any) -> OpenAI:
    return OpenAI(base_url=f"http://127.0.0.1:{server.port}/v1", api_key=key, **more)


def files(answer: ImagesResponse) -> list[bytes]:
    assert answer.data is not None
    return [base64.b64decode(image.b64_json or "") for image in answer.data]


@pytest.mark.parametrize(
    ("model", "prompt", "more", "same"),
    [
        ("digits", "7", {}, {"class": 7}),
        ("clothes", "Ankle boot", {}, {"class": "Ankle boot"}),
        ("clothes", "2", {}, {"class": 2}),
        ("clothes", "", {}, {}),
        ("clothes", "a bag on a table", {"class": "Bag"}, {"class": 0}),
        ("plain", "", {}, {}),
    ],
)
def test_28_openai_gets_the_images_of_generate(
    server: Server, client: OpenAI, model: str, prompt: str, more: Any, same: Any
) -> None:
    extra = {"seed": 40, **more}
    answer = client.images.generate(prompt=prompt, model=model, n=2, extra_body=extra)
    assert files(answer) == [server.post(model=model, seed=s, **same) for s in (40, 41)]


def test_28_openai_gets_addresses_of_the_images_of_generate(server: Server, client: OpenAI) -> None:
    answer = client.images.generate(
        prompt="Ankle boot", model="clothes", n=2, response_format="url", extra_body={"seed": 40}
    )
    assert answer.data is not None
    for seed, image in enumerate(answer.data, 40):
        with urllib.request.urlopen(image.url or "", timeout=30) as found:
            assert "immutable" in found.headers["cache-control"]
            assert found.read() == server.post(model="clothes", seed=seed, **{"class": 2})


def test_28_openai_hears_what_was_drawn(server: Server, client: OpenAI) -> None:
    answer = client.images.generate(prompt="", model="clothes")
    (file,) = files(answer)
    assert answer.data is not None
    seed = (answer.data[0].model_extra or {})["seed"]
    label = answer.data[0].revised_prompt
    assert file == server.post(model="clothes", seed=seed, **{"class": label})


def test_28_openai_is_told_that_a_size_is_ignored(client: OpenAI) -> None:
    answer = client.images.generate(prompt="", model="plain", size="1024x1024", quality="high")
    assert answer.size == "16x16"
    assert "'1024x1024', ignored" in (answer.model_extra or {})["note"]
    answer = client.images.generate(prompt="", model="plain", size="auto")
    assert "note" not in (answer.model_extra or {})


@pytest.mark.parametrize("kind", ["png", "webp", "jpeg"])
def test_28_openai_chooses_the_format(client: OpenAI, kind: Any) -> None:
    answer = client.images.generate(
        prompt="", model="plain", output_format=kind, extra_body={"seed": 1}
    )
    image = Image.open(io.BytesIO(files(answer)[0]))
    assert (image.format or "").lower() == kind == answer.output_format
    assert np.asarray(image).shape == (16, 16, 3)


def test_28_openai_lists_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["clothes", "coded", "digits", "plain"]
    assert client.models.retrieve("plain").object == "model"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("nobody")
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize(
    ("body", "error", "param", "told"),
    [
        ({"model": "nobody"}, openai.NotFoundError, None, "'nobody' is not served"),
        ({"n": 0}, openai.BadRequestError, "n", "greater than or equal to 1"),
        ({"n": 10**9}, openai.BadRequestError, "n", "expected 1 to 1024"),
        ({"prompt": "a cat"}, openai.BadRequestError, "prompt", "'a cat' is no class of digits"),
        ({"prompt": "10"}, openai.BadRequestError, "prompt", "10 is out of range"),
        ({"prompt": "07"}, openai.BadRequestError, "prompt", "'07' is no class of digits"),
        ({"prompt": "x" * 9999}, openai.BadRequestError, "prompt", "at most 200"),
        ({"model": "plain", "prompt": "a cat"}, openai.BadRequestError, "prompt", "is uncond"),
        ({"extra_body": {"seed": -1}}, openai.BadRequestError, "seed", "greater than or equal"),
        ({"extra_body": {"class": True}}, openai.BadRequestError, "class", "index or name"),
        ({"output_format": "svg"}, openai.BadRequestError, "output_format", "'png', 'webp' or"),
        ({"output_format": "webp", "response_format": "url"}, openai.BadRequestError,
         "output_format", "images at addresses are png"),
    ],
)  # fmt: skip
def test_28_openai_is_told_what_is_wrong(
    client: OpenAI, body: dict[str, Any], error: Any, param: str | None, told: str
) -> None:
    with pytest.raises(error) as refused:
        client.images.generate(**{"model": "digits", "prompt": "7", **body})
    assert told in refused.value.message
    assert refused.value.param == param
    assert refused.value.type == "invalid_request_error"


def test_a_stream_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="stream"):
        client.images.generate(model="digits", prompt="7", stream=True)


@pytest.fixture(scope="module")
def counted(folder: Path) -> Iterator[TestClient]:
    """A service with a key."""
    settings = Settings(models=(folder,), device="cpu", api_keys={"alice": digest_of("alice")})
    with TestClient(create_app(settings)) as client:
        yield client


def test_28_openai_comes_back_when_it_was_told_to(
    counted: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thirty images a minute by a clock that stands still but when an answer says to wait."""
    now = [1000.0]
    service = counted.app.state.service  # type: ignore[attr-defined]
    monkeypatch.setattr(service, "quota", Quota(30, lambda: now[0]))

    def wait(answer: httpx2.Response) -> None:
        """Let the clock go on as far as the answer says."""
        now[0] += float(answer.headers.get("retry-after", 0))

    client = OpenAI(base_url="http://testserver/v1", api_key="alice", http_client=counted)
    ask = client.images.with_raw_response.generate
    assert ask(model="digits", prompt="7", n=30).status_code == 200
    with pytest.raises(openai.RateLimitError) as refused:
        client.with_options(max_retries=0).images.generate(model="digits", prompt="7")
    assert refused.value.code == "rate_limit_exceeded"
    assert refused.value.type == "rate_limit_error"
    monkeypatch.setitem(counted.event_hooks, "response", [wait])
    assert ask(model="digits", prompt="7").retries_taken == 1


def test_28_openai_without_a_key_is_told_so(counted: TestClient) -> None:
    client = OpenAI(base_url="http://testserver/v1", api_key="wrong", http_client=counted)
    with pytest.raises(openai.AuthenticationError) as refused:
        client.models.list()
    assert refused.value.code == "invalid_api_key"


def test_28_openai_waits_for_a_queue_that_is_full(tmp_path: Path) -> None:
    """It is full of tensors whose client leaves; until it has, nothing is computed."""
    zoo.write(tmp_path, zoo.card("slow", size=64))
    settings = {"GANFORGE_MAX_BATCH": "4", "GANFORGE_QUEUE_IMAGES": "8"}
    route = 'model="slow",route="/v2/models/{model}/infer"'
    refused = 'ganforge_rejected_total{reason="overloaded"}'
    with (
        serving(tmp_path, **settings) as server,
        ThreadPoolExecutor(1) as threads,
        connected(server, max_retries=8) as client,
    ):
        same = server.post(model="slow", seed=1)
        with paused(worker_of(server)):
            with flood(server, images=64):
                wait_until(
                    lambda: server.metric("ganforge_queue_images") == 56
                )  # two batches are out
                ask = threads.submit(
                    client.images.with_raw_response.generate,
                    model="slow",
                    prompt="",
                    extra_body={"seed": 1},
                )
                wait_until(lambda: server.metric(refused) >= 1)
            gone = f'ganforge_requests_total{{code="499",{route}}}'
            wait_until(lambda: server.metric(gone) == 1)
            assert server.metric("ganforge_queue_images") == 0
        answer = ask.result(timeout=60)
        assert answer.retries_taken >= 1
        assert files(answer.parse()) == [same]


def flood(server: Server, images: int) -> socket.socket:
    """Send seeds as they are, without any JSON, and do not wait for the answer."""
    content = np.arange(images, dtype="<i8").tobytes()
    connection = socket.create_connection(("127.0.0.1", server.port))
    lines = f"Host: x\r\n{LENGTH}: 0\r\nContent-Length: {len(content)}"
    connection.sendall(f"POST /v2/models/slow/infer HTTP/1.1\r\n{lines}\r\n\r\n".encode() + content)
    return connection


def test_addresses_are_of_the_host_that_was_asked(counted: TestClient) -> None:
    body = {"model": "clothes", "prompt": "Ankle boot", "response_format": "url", "seed": 5}
    headers = {"authorization": "Bearer alice", "host": "images.example:8443"}
    answer = counted.post("/v1/images/generations", json=body, headers=headers)
    url = answer.json()["data"][0]["url"]
    digest = answer.headers["x-model-digest"]
    assert url == (f"http://images.example:8443/images/clothes@{digest}/5.png?class=Ankle+boot")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/chat/completions", "/v1/images/edits"])
def test_what_is_not_there_is_said_in_openais_shape(counted: TestClient, path: str) -> None:
    answer = counted.post(path, content=b"{}")
    assert answer.status_code == 404
    assert json.loads(answer.content)["error"].keys() == {"message", "type", "param", "code"}
