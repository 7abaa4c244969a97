"""tritonclient itself, against a real server."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tritonclient.http as blocking
import tritonclient.http.aio as waiting
from tritonclient.utils import InferenceServerException

from tests.service.test_server import Server
from tests.service.v2 import tritons
from tests.service.v2.tritons import column

ADMIN = {"Authorization": "Bearer admin"}


@pytest.fixture(scope="module")
def server(server_of_clients: Server) -> Server:
    return server_of_clients


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[blocking.InferenceServerClient]:
    with blocking.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        yield client


def expected(server: Server, seed: int, label: int) -> bytes:
    return server.post(model="digits", seed=seed, **{"class": label})


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
@pytest.mark.parametrize("packed", [None, "gzip", "deflate"])
def test_28_tritonclient_gets_the_images_of_generate(
    server: Server, client: blocking.InferenceServerClient, binary: bool, packed: str | None
) -> None:
    result = client.infer(
        "digits",
        tritons.inputs(binary=binary, seed=column(5, 900), label=column(7, 0)),
        outputs=tritons.outputs("png", "class") + tritons.outputs("image", binary=binary),
        request_id="mine",
        request_compression_algorithm=packed,
        response_compression_algorithm=packed,
    )
    assert list(result.as_numpy("png")) == [expected(server, 5, 7), expected(server, 900, 0)]
    assert result.as_numpy("class").tolist() == [[7], [0]]
    assert result.as_numpy("image").dtype == np.uint8
    assert result.as_numpy("image").shape == (2, 12, 12, 1)
    assert result.get_response()["id"] == "mine"


def test_28_tritonclient_gets_all_that_it_does_not_name(
    client: blocking.InferenceServerClient,
) -> None:
    result = client.infer("coded", tritons.inputs(seed=column(1)))
    assert [one["name"] for one in result.get_response()["outputs"]] == ["image", "png"]
    digest = result.get_response()["model_version"]
    again = client.infer("coded", tritons.inputs(seed=column(1)), model_version=digest)
    assert np.array_equal(again.as_numpy("image"), result.as_numpy("image"))
    first = client.infer("coded", tritons.inputs(seed=column(1)), model_version="1")
    assert np.array_equal(first.as_numpy("image"), result.as_numpy("image"))


def test_28_tritonclient_asks_for_several_at_once(
    server: Server, client: blocking.InferenceServerClient
) -> None:
    asked = [
        client.async_infer("digits", tritons.inputs(seed=column(seed), label=column(1)))
        for seed in range(8)
    ]
    for seed, one in enumerate(asked):
        assert one.get_result().as_numpy("png")[0] == expected(server, seed, 1)


@pytest.mark.anyio
async def test_28_tritonclient_aio_gets_the_images_of_generate(server: Server) -> None:
    async with waiting.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
        for binary, packed in ((True, None), (False, "gzip"), (True, "deflate")):
            result = await client.infer(
                "digits",
                tritons.inputs(binary=binary, seed=column(5), label=column(7)),
                request_compression_algorithm=packed,
                response_compression_algorithm=packed,
            )
            assert result.as_numpy("png")[0] == expected(server, 5, 7)
        assert await client.is_model_ready("digits")
        with pytest.raises(InferenceServerException, match="'nobody' is not served"):
            await client.infer("nobody", tritons.inputs(seed=column(1)))


def test_28_tritonclient_looks_around(client: blocking.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("digits")
    assert client.is_model_ready("digits", "1")
    assert not client.is_model_ready("nobody")
    assert client.get_server_metadata()["name"] == "ganforge"
    names = [one["name"] for one in client.get_model_metadata("plain")["outputs"]]
    assert names == [one["name"] for one in client.get_model_config("plain")["output"]]
    listed = [one["name"] for one in client.get_model_repository_index()]
    assert listed == ["clothes", "coded", "digits", "plain"]
    stats = client.get_inference_statistics("plain", "1")["model_stats"][0]
    assert stats["name"] == "plain"
    assert len(client.get_inference_statistics()["model_stats"]) == 4


@pytest.mark.parametrize(
    ("call", "status", "told"),
    [
        (lambda c: c.infer("nobody", []), "404", "'nobody' is not served"),
        (lambda c: c.infer("plain", []), "400", "0 images are asked for"),
        (lambda c: c.infer("plain", tritons.inputs(label=column(1))), "400", "has no 'class'"),
        (lambda c: c.load_model("plain"), "401", "Authorization: Bearer KEY"),
        (lambda c: c.get_trace_settings(), "501", "not offered"),
        (lambda c: c.get_trace_settings("plain"), "501", "not offered"),
        (lambda c: c.update_log_settings({"log_info": True}), "501", "not offered"),
        (lambda c: c.get_system_shared_memory_status(), "501", "not offered"),
        (lambda c: c.register_system_shared_memory("a", "/a", 8), "501", "not offered"),
        (lambda c: c.unregister_cuda_shared_memory(), "501", "not offered"),
    ],
)
def test_28_tritonclient_is_told_what_is_wrong(
    client: blocking.InferenceServerClient, call: Any, status: str, told: str
) -> None:
    with pytest.raises(InferenceServerException) as refused:
        call(client)
    assert refused.value.status() == status
    assert told in refused.value.message()


def test_28_tritonclient_manages_models_with_the_admins_key(
    client: blocking.InferenceServerClient,
) -> None:
    client.unload_model("plain", headers=ADMIN)
    assert not client.is_model_ready("plain")
    with pytest.raises(InferenceServerException, match="its own file"):
        client.load_model("plain", headers=ADMIN, config="{}", files={"file:1/model.bin": b"other"})
    client.load_model("plain", headers=ADMIN)
    assert client.is_model_ready("plain")
