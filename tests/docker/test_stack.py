"""The image under Compose: what is served is counted, and the container is locked."""

import io
import json
import socket
import threading

import httpx2
import pytest
from PIL import Image

from tests.docker.stack import FILE, CommandError, Stack, eventually, run, services
from tests.service.test_grace import Asker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]  # a build downloads PyTorch

SEVEN = {"model": "acgan", "class": 7}
ASKERS = 16


def generate(client: httpx2.Client, body: dict[str, object]) -> Image.Image:
    answer = client.post("/generate", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


def test_33_prometheus_counts_every_image(stack: Stack) -> None:
    with stack.client("ganforge", 8000) as client:
        assert generate(client, SEVEN).size == (28, 28)
        for _ in range(3):
            generate(client, SEVEN | {"n": 5})

    def counted() -> float | None:
        found = stack.value('ganforge_images_total{model="acgan"}')
        return found if found and found >= 16 else None

    assert eventually(counted, "Prometheus has scraped 16 images") == 16


def test_33_process_is_not_root(stack: Stack) -> None:
    assert stack.exec("ganforge", "id", "-u") == "10001"
    assert stack.exec("prometheus", "id", "-u") == "65534"


@pytest.mark.parametrize("path", ["/x", "/app/x", "/models/x"])
def test_33_nothing_can_be_written_even_by_root(stack: Stack, path: str) -> None:
    with pytest.raises(CommandError, match="Read-only file system"):
        stack.exec("ganforge", "touch", path, user="0")


def test_33_image_holds_no_training(stack: Stack) -> None:
    with pytest.raises(CommandError, match="No module named 'training'"):
        stack.exec("ganforge", "python", "-c", "import training")


def test_33_configuration_of_prometheus_is_valid(stack: Stack) -> None:
    stack.exec("prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml")


def test_33_without_a_gpu_it_serves_on_the_cpu(stack: Stack) -> None:
    with stack.client("ganforge", 8000) as client:
        assert 'device="cpu"' in client.get("/metrics").text


def test_33_what_the_image_adds_without_torch_is_small(stack: Stack) -> None:
    """To its base: torch and NVIDIA's libraries are as large as they are."""
    assert int(stack.exec("ganforge", "python", "-c", SIZE)) <= 250_000_000


SIZE = """
from pathlib import Path
packages = Path("/venv/lib").glob("python3*/site-packages")
torch = {at for folder in packages for name in ("torch", "nvidia", "triton", "cuda")
         for at in folder.glob(name + "*")}
files = [at for root in ("/venv", "/app") for at in Path(root).rglob("*")]
print(sum(at.lstat().st_size for at in files if at not in torch and torch.isdisjoint(at.parents)))
"""


@pytest.mark.parametrize(("file", "gpus"), [("docker-compose.yml", 2), (FILE, 0)])
def test_33_only_the_file_for_gpu_hosts_reserves_them(engine: None, file: str, gpus: int) -> None:
    """One for the service, and one to train on."""
    found = [str(service) for service in services(file, "--profile", "train").values()]
    assert len([service for service in found if "nvidia" in service]) == gpus


@pytest.mark.parametrize("file", ["docker-compose.yml", FILE])
def test_33_one_command_starts_all_and_trains_nothing(engine: None, file: str) -> None:
    assert services(file).keys() - {"train"} == {"ganforge", "prometheus", "grafana"}
    assert services(file, "--profile", "train")["train"]["profiles"] == ["train"]


@pytest.mark.parametrize("file", ["docker-compose.yml", FILE])
def test_33_every_container_is_locked(engine: None, file: str) -> None:
    for name, service in services(file, "--profile", "train").items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all("127.0.0.1" in str(port) for port in service.get("ports", ())), name
        assert ":latest" not in service["image"], name


def test_33_grafana_shows_the_dashboard_and_lets_nobody_change_it(grafana: httpx2.Client) -> None:
    with grafana:
        (found,) = grafana.get("/api/search", params={"type": "dash-db"}).json()
        assert found["uid"] == "ganforge"
        shown = grafana.get("/api/dashboards/uid/ganforge").json()
        assert shown["meta"]["provisioned"]
        assert not shown["meta"]["canSave"]
        change = {"dashboard": shown["dashboard"], "overwrite": True}
        assert grafana.post("/api/dashboards/db", json=change).status_code in {401, 403}
        assert grafana.get("/api/admin/stats", auth=("admin", "admin")).status_code in {401, 403}
        query = {"refId": "A", "datasource": {"uid": "prometheus"}, "expr": "up", "instant": True}
        body = {"queries": [query], "from": "now-1m", "to": "now"}
        answer = grafana.post("/api/ds/query", json=body).raise_for_status().json()
        assert answer["results"]["A"]["frames"]


def test_33_what_is_trained_beside_the_service_appears_there(
    stack: Stack, train_image: str
) -> None:
    """With data that is in the image, as the user whose the folder is."""
    options = ("--data", "digits", "--steps", "1", "--name", "fresh")
    stack.compose("run", "--rm", "-T", "train", "gan", *options)
    with stack.client("ganforge", 8000) as client:
        eventually(lambda: client.get("/models/fresh").is_success or None, "it is served")
        assert generate(client, {"model": "fresh", "seed": 1}).size == (16, 16)


def test_33_image_that_trains_serves_nothing(train_image: str) -> None:
    with pytest.raises(CommandError, match="needs service"):
        run("docker", "run", "--rm", "--read-only", train_image, "serve")


def test_33_stop_under_load_loses_no_accepted_request(stack: Stack) -> None:
    """And what is started again serves again."""
    host = stack.network_address("ganforge")
    askers = [Asker(8000, host, "acgan") for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    eventually(lambda: all(asker.answers for asker in askers) or None, "all are answered")
    stack.compose("stop", "ganforge")
    for asker in askers:
        asker.join()
    assert stack.inspect(stack.container("ganforge"), "{{.State.ExitCode}}") == "0"
    assert [asker.lost for asker in askers] == [[]] * ASKERS
    assert {status for asker in askers for status in asker.answers} == {200}
    stack.compose("start", "ganforge")
    stack.wait_healthy("ganforge")


def test_33_stop_finishes_what_was_begun(stack: Stack) -> None:
    """The last test: it stops the service while half of a request is sent."""
    container = stack.container("ganforge")
    host, port = stack.address("ganforge", 8000).split(":")
    body = json.dumps(SEVEN).encode()
    head = f"POST /generate HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(head.encode() + body[:5])
        stopping = threading.Thread(target=stack.compose, args=("stop", "ganforge"))
        stopping.start()
        eventually(lambda: refuses(host, int(port)), "no new connection is taken", 20)
        client.sendall(body[5:])
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
    stopping.join()
    assert stack.inspect(container, "{{.State.ExitCode}}") == "0"


def refuses(host: str, port: int) -> bool | None:
    """Say whether a new request goes unanswered; None while it is answered."""
    try:
        httpx2.get(f"http://{host}:{port}/healthz", timeout=5, trust_env=False)
    except httpx2.TransportError:
        return True
    return None
