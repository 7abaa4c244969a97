"""`GET /v2/...` and the repository: what the server and its models say of themselves."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from service import openapi
from service.app import create_app
from service.endpoints import ENDPOINTS
from service.gate import digest_of
from service.settings import Settings
from tests import zoo

ADMIN = {"authorization": "Bearer admin"}


def seeds(*values: int) -> dict[str, Any]:
    """Ask for the images of seeds, all in JSON."""
    shape = [len(values), 1]
    return {"inputs": [{"name": "seed", "shape": shape, "datatype": "INT64", "data": values}]}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service with an admin, one model, and a file that is none."""
    folder = tmp_path_factory.mktemp("kept")
    zoo.write(folder, zoo.card("plain"))
    (folder / "torn.safetensors").write_bytes(b"torn")
    settings = Settings(models=(folder,), device="cpu", admin_key=digest_of("admin"))
    with TestClient(create_app(settings)) as client:
        yield client


def test_the_server_names_itself_and_what_it_has(client: TestClient) -> None:
    said = client.get("/v2").json()
    assert said["name"] == "ganforge"
    assert "binary_tensor_data" in said["extensions"]


@pytest.mark.parametrize(
    ("model", "given", "made"),
    [
        ("digits", {"seed", "z", "class", "truncation"}, {"image", "png", "class"}),
        ("plain", {"seed", "z", "truncation"}, {"image", "png"}),
        ("coded", {"seed", "z", "codes", "truncation"}, {"image", "png"}),
    ],
)
def test_metadata_and_config_list_what_a_model_has(
    client: TestClient, model: str, given: set[str], made: set[str]
) -> None:
    said = client.get(f"/v2/models/{model}").json()
    config = client.get(f"/v2/models/{model}/config").json()
    for described, written, names in (("inputs", "input", given), ("outputs", "output", made)):
        assert {tensor["name"] for tensor in said[described]} == names
        assert {tensor["name"] for tensor in config[written]} == names
        for tensor, other in zip(said[described], config[written], strict=True):
            assert tensor["shape"] == [-1, *other["dims"]]
    assert config["max_batch_size"] == 64


def test_answers_are_as_metadata_says(client: TestClient) -> None:
    sent = client.post("/v2/models/digits/infer", json=seeds(1, 2, 3)).json()["outputs"]
    said = client.get("/v2/models/digits").json()["outputs"]
    for tensor, described in zip(sent, said, strict=True):
        assert tensor["name"] == described["name"]
        assert tensor["datatype"] == described["datatype"]
        assert tensor["shape"] == [3, *described["shape"][1:]]


@pytest.mark.parametrize("path", ["", "/ready", "/config", "/stats"])
def test_a_version_is_the_digest_or_1(client: TestClient, path: str) -> None:
    digest = client.get("/models/plain").json()["digest"]
    for version in (digest, digest[:12], "1"):
        answer = client.get(f"/v2/models/plain/versions/{version}{path}")
        assert answer.json() == client.get(f"/v2/models/plain{path}").json()
    answer = client.get(f"/v2/models/plain/versions/2{path}")
    assert answer.status_code == 404
    assert digest in answer.json()["error"]


def test_images_of_a_version_are_of_those_weights_alone(client: TestClient) -> None:
    digest = client.get("/models/plain").json()["digest"]
    path = "/v2/models/plain/versions/{}/infer"
    assert client.post(path.format(digest), json=seeds(1)).json()["model_version"] == digest
    assert client.post(path.format(digest[::-1]), json=seeds(1)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v2/models/nobody", "/v2/models/nobody/ready", "/v2/nothing", "/v2/models/x/y/z"]
)
def test_what_is_not_there_is_one_text(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"error"}


def test_a_wrong_method_is_one_text(client: TestClient) -> None:
    answer = client.get("/v2/models/plain/infer")
    assert answer.status_code == 405
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/v2/trace",
        "/v2/trace/setting",
        "/v2/trace/settings/all",
        "/v2/models/plain/trace",
        "/v2/models/plain/trace/setting",
        "/v2/logging",
        "/v2/logging/settings",
        "/v2/systemsharedmemory/status",
        "/v2/systemsharedmemory/region/a/register",
        "/v2/cudasharedmemory/region/a/status",
        "/v2/cudasharedmemory/unregister",
    ],
)
def test_what_is_not_offered_is_501(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 501
    assert "not offered" in answer.json()["error"]


def test_extensions_are_those_that_are_offered(client: TestClient) -> None:
    """By the names that Triton gives them; what is answered 501 is none of them."""
    assert client.get("/v2").json()["extensions"] == [
        "binary_tensor_data",
        "model_configuration",
        "model_repository",
        "parameters",
        "statistics",
    ]


def test_statistics_count_what_was_made(client: TestClient) -> None:
    before = client.get("/v2/models/clothes/stats").json()["model_stats"][0]
    client.post("/v2/models/clothes/infer", json=seeds(1, 2))
    client.post("/v2/models/clothes/infer", content=b"{}")
    (after,) = client.get("/v2/models/clothes/stats").json()["model_stats"]
    assert after["inference_count"] == before["inference_count"] + 2
    assert after["execution_count"] == before["execution_count"] + 1
    for name in ("success", "fail", "queue", "compute_infer"):
        stood = before["inference_stats"][name]["count"]
        assert after["inference_stats"][name]["count"] == stood + 1
    assert after["inference_stats"]["compute_infer"]["ns"] > 0
    everybody = client.get("/v2/models/stats").json()["model_stats"]
    assert [one["name"] for one in everybody] == ["clothes", "coded", "digits", "plain"]
    assert everybody[0] == after


def test_the_index_lists_what_serves_and_what_does_not(kept: TestClient) -> None:
    plain, torn = kept.post("/v2/repository/index").json()
    assert (plain["name"], plain["state"]) == ("plain", "READY")
    assert plain["version"] == kept.get("/models/plain").json()["digest"]
    assert (torn["name"], torn["state"]) == ("torn", "UNAVAILABLE")
    assert "torn.safetensors" in torn["reason"]
    assert kept.post("/v2/repository/index", json={"ready": True}).json() == [plain]


def test_the_admin_unloads_and_loads_and_without_a_model_it_is_not_ready(kept: TestClient) -> None:
    path = "/v2/repository/models/plain"
    assert kept.get("/v2/health/ready").json() == {"ready": True}
    refused = kept.post(f"{path}/unload", headers={"authorization": "Bearer other"})
    assert refused.status_code == 401
    assert refused.json().keys() == {"error"}
    more = {"parameters": {"unload_dependents": False}}
    assert kept.post(f"{path}/unload", json=more, headers=ADMIN).status_code == 200
    assert kept.get("/v2/models/plain/ready").status_code == 404
    answer = kept.get("/v2/health/ready")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "not ready" in answer.json()["error"]
    assert kept.get("/v2/health/live").json() == {"live": True}
    assert kept.post(f"{path}/load", headers=ADMIN).json() == {"name": "plain", "load": True}
    assert kept.get("/v2/models/plain/ready").status_code == 200


def test_a_file_that_is_no_model_is_refused_with_the_reason(kept: TestClient) -> None:
    answer = kept.post("/v2/repository/models/torn/load", headers=ADMIN)
    assert answer.status_code == 400
    assert "torn.safetensors" in answer.json()["error"]


@pytest.mark.parametrize("parameter", ["file:1/model.safetensors", "config", "file:"])
def test_nothing_is_loaded_in_a_files_place(kept: TestClient, parameter: str) -> None:
    body = {"parameters": {parameter: "x"}}
    answer = kept.post("/v2/repository/models/plain/load", json=body, headers=ADMIN)
    assert answer.status_code == 400
    assert "its own file" in answer.json()["error"]


def test_every_operation_has_a_name_of_its_own() -> None:
    paths = openapi.document(ENDPOINTS)["paths"].values()
    names = [operation["operationId"] for path in paths for operation in path.values()]
    assert len(names) == len(set(names))
