"""Models, health, metrics and documentation."""

import os
import re
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.endpoints import ENDPOINTS
from service.settings import Settings
from tests import zoo


def value(client: TestClient, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_models_are_listed_with_their_cards(client: TestClient) -> None:
    models = client.get("/models").json()["models"]
    assert [model["model"] for model in models] == ["clothes", "coded", "digits", "plain"]
    one = client.get("/models/clothes").json()
    assert one == models[0]
    assert one["card"]["class_names"] == ["Bag", "Shirt", "Ankle boot"]
    assert len(one["digest"]) == 64
    assert client.get("/models/none").status_code == 404


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    models = ["clothes", "coded", "digits", "plain"]
    assert ready.json() == {"ready": True, "models": models, "refused": {}}
    assert value(client, "ganforge_ready") == 1


def test_26_a_bad_checkpoint_is_refused_and_the_rest_serve(tmp_path: Path) -> None:
    good = zoo.write(tmp_path, zoo.card("good"))
    (tmp_path / "torn.safetensors").write_bytes(good.read_bytes()[:-100])
    (tmp_path / "pickle.safetensors").write_bytes(b"\x80\x04cos\nsystem\n")
    (tmp_path / ".half-written.safetensors").write_bytes(b"")
    (tmp_path / "folder.safetensors").mkdir()
    os.mkfifo(tmp_path / "pipe.safetensors")  # to open it would wait for ever
    with TestClient(create_app(Settings(models=(tmp_path,), device="cpu"))) as client:
        ready = client.get("/readyz").json()
        assert ready["models"] == ["good"]
        bad = {f"{name}.safetensors" for name in ("torn", "pickle", "folder", "pipe")}
        assert set(ready["refused"]) == bad
        assert "not a regular file" in ready["refused"]["pipe.safetensors"]
        assert "not a readable safetensors file" in ready["refused"]["torn.safetensors"]
        assert client.post("/generate", json={"model": "good"}).status_code == 200


def test_24_no_model_is_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(models=(tmp_path,), device="cpu"))) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert "\nganforge_ready 0.0\n" in client.get("/metrics").text


def test_a_later_folder_wins_a_name(tmp_path: Path, folder: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    shutil.copy(folder / "plain.safetensors", mine / "digits.safetensors")
    settings = Settings(models=(folder, mine), device="cpu", max_batch=2)
    with TestClient(create_app(settings)) as client:
        assert client.get("/models/digits").json()["card"]["name"] == "plain"


def test_metrics_count_what_was_asked(client: TestClient) -> None:
    images = 'ganforge_images_total{model="plain"}'
    requests = 'ganforge_requests_total{code="200",model="plain",route="/generate"}'
    refused = 'ganforge_rejected_total{reason="unknown_model"}'
    before = [value(client, line) for line in (images, requests, refused)]
    for _ in range(3):
        client.post("/generate", json={"model": "plain", "n": 5})
    client.post("/generate", json={"model": "none"})
    after = [value(client, line) for line in (images, requests, refused)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [15, 3, 1]
    assert value(client, "ganforge_queue_images") == 0
    assert value(client, "ganforge_in_flight_requests") == 1  # the one that asks


def test_labels_stay_bounded(client: TestClient) -> None:
    for number in range(50):
        client.get(f"/path/{number}")
        client.post("/generate", json={"model": f"model-{number}"})
    text = client.get("/metrics").text
    assert "path/" not in text
    assert "model-" not in text
    assert 'route="_unknown"' in text


def test_padding_and_batches_are_counted(client: TestClient) -> None:
    before = value(client, "ganforge_padding_images_total")
    sizes = client.get("/models/plain").json()["batch_sizes"]
    client.post("/generate", json={"model": "plain", "n": 3})
    padded = next(size for size in sizes if size >= 3)
    assert value(client, "ganforge_padding_images_total") - before == padded - 3


def test_openapi_lists_every_route_and_the_page_needs_no_other_host(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {endpoint.path for endpoint in ENDPOINTS}
    schema = document["components"]["schemas"]["GenerateRequest"]
    assert set(schema["properties"]) == {
        "model", "class", "n", "seed", "truncation", "latents", "codes", "format",
    }  # fmt: skip
    asked = document["paths"]["/discriminate"]["post"]
    assert [p["name"] for p in asked["parameters"] if p["required"]] == ["model"]
    assert "image/*" in asked["requestBody"]["content"]
    page = client.get("/docs").text
    assert "//" not in page.replace("<!doctype", "")
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(f"/{address}").status_code == 200


def test_openapi_groups_the_routes_and_says_what_each_group_is_for(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths: dict[str, set[str]] = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            (tag,) = operation["tags"]
            paths.setdefault(tag, set()).add(path)
    assert {tag["name"] for tag in document["tags"]} == set(paths)
    assert all(tag["description"] for tag in document["tags"])
    assert paths["images"] == {"/generate", "/interpolate", "/images/{model}/{seed}.png"}
    assert paths["models"] == {"/models", "/models/{model}"}
    for tag, prefix in (("admin", "/admin/"), ("protocol v1", "/v1/"), ("protocol v2", "/v2")):
        assert paths[tag] == {path for path in document["paths"] if path.startswith(prefix)}


def test_unknown_device_is_the_users_error() -> None:
    from models.errors import UserError

    with pytest.raises(UserError, match="device 'cuda:99' cannot be used"):
        create_app(Settings(models=(), device="cuda:99"))


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "soon", "", "9" * 20, "\u0663", f"1{'0' * 400}", f"{'0' * 5000}1"]
)
def test_a_deadline_is_milliseconds(client: TestClient, text: str) -> None:
    answer = client.post(
        "/generate", json={"model": "plain"}, headers={b"X-Deadline-Ms": text.encode()}
    )
    assert answer.status_code == 422
    assert "X-Deadline-Ms: found" in answer.json()["detail"]


def test_an_answer_in_time_is_an_answer(client: TestClient) -> None:
    headers = {"X-Deadline-Ms": "60000"}
    assert client.post("/generate", json={"model": "plain"}, headers=headers).status_code == 200


def test_11_an_idle_service_refuses_what_would_take_longer_than_it_may(client: TestClient) -> None:
    """64 images take longer than a millisecond on any processor, and that is known beforehand."""
    body = {"model": "plain", "n": 64, "format": "npy"}
    answer = client.post("/generate", json=body, headers={"X-Deadline-Ms": "1"})
    assert answer.status_code == 503
    assert re.fullmatch(
        "it would take about .+ seconds, X-Deadline-Ms is 1: try again later, give it longer, or "
        "ask for less",
        answer.json()["detail"],
    )
    assert int(answer.headers["retry-after"]) >= 1
