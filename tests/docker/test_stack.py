"""The image under Compose: what is served is counted, and the container is locked."""

import io
import json
import socket
import threading

import httpx2
import pytest
from PIL import Image

from tests.docker.stack import CommandError, Stack, compose, eventually, run

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]  # a build downloads PyTorch

SEVEN = {"model": "acgan", "class": 7}


def generate(client: httpx2.Client, body: dict[str, object]) -> Image.Image:
    answer = client.post("/generate", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


def test_prometheus_counts_every_image(stack: Stack) -> None:
    with stack.client("ganforge", 8000) as client:
        assert generate(client, SEVEN).size == (28, 28)
        for _ in range(3):
            generate(client, SEVEN | {"n": 5})

    def counted() -> float | None:
        found = stack.value('ganforge_images_total{model="acgan"}')
        return found if found and found >= 16 else None

    assert eventually(counted, "Prometheus has scraped 16 images") == 16


def test_process_is_not_root(stack: Stack) -> None:
    assert stack.exec("ganforge", "id", "-u") == "10001"
    assert stack.exec("prometheus", "id", "-u") == "65534"


@pytest.mark.parametrize("path", ["/x", "/app/x", "/models/x"])
def test_nothing_can_be_written_even_by_root(stack: Stack, path: str) -> None:
    with pytest.raises(CommandError, match="Read-only file system"):
        stack.exec("ganforge", "touch", path, user="0")


def test_image_holds_no_training(stack: Stack) -> None:
    with pytest.raises(CommandError, match="No module named 'training'"):
        stack.exec("ganforge", "python", "-c", "import training")


def test_configuration_of_prometheus_is_valid(stack: Stack) -> None:
    stack.exec("prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml")


def test_file_for_gpu_hosts_reserves_one(engine: None) -> None:
    shown = run(*compose(), "--file", "docker-compose.yml", "config")
    assert "driver: nvidia" in shown


def test_stop_finishes_what_was_begun(stack: Stack) -> None:
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
