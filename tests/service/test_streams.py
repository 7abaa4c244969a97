"""Large answers come part by part, with the same images, and are never held whole."""

import csv
import io
import json
import signal
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from starlette.testclient import TestClient

from service import parts
from tests import zoo
from tests.service.test_server import Server, send, serving, wait_until

PART = parts.PART_BYTES // (12 * 12)
MANY = 2 * PART + 100
PIXELS = 64 * 64


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/generate", json={"model": "digits", "seed": 5, **body})


def array(answer: Any) -> npt.NDArray[np.uint8]:
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


@pytest.mark.parametrize("extra", [{}, {"class": 3}, {"truncation": 0.5}])
def test_images_are_those_of_smaller_requests(client: TestClient, extra: dict[str, Any]) -> None:
    answer = post(client, n=MANY, format="npy", **extra)
    images = array(answer)
    assert images.shape == (MANY, 12, 12, 1)
    assert int(answer.headers["content-length"]) == len(answer.content)
    for start in (0, PART - 10, 2 * PART - 10, MANY - 20):
        alone = array(post(client, n=20, format="npy", **{**extra, "seed": 5 + start}))
        assert (images[start : start + 20] == alone).all()


def test_lists_are_cut_where_the_images_are(client: TestClient) -> None:
    asked = [place % 10 for place in range(PART + 50)]
    images = array(post(client, format="npy", **{"class": asked}))
    alone = array(post(client, format="npy", seed=5 + PART, **{"class": asked[PART:]}))
    assert (images[PART:] == alone).all()
    codes = [{"continuous": [place % 7 / 7]} for place in range(PART + 50)]
    coded = array(post(client, model="coded", format="npy", codes=codes))
    alone = array(post(client, model="coded", format="npy", seed=5 + PART, codes=codes[PART:]))
    assert (coded[PART:] == alone).all()


def test_raw_is_the_pixels_of_npy(client: TestClient) -> None:
    for count in (3, MANY):
        raw = post(client, n=count, format="raw")
        assert raw.headers["content-type"] == "application/octet-stream"
        assert raw.content == array(post(client, n=count, format="npy")).tobytes()


def test_a_zip_has_an_index_of_seeds_and_classes(client: TestClient) -> None:
    archive = zipfile.ZipFile(io.BytesIO(post(client, n=MANY, format="zip").content))
    assert archive.testzip() is None
    rows = list(csv.DictReader(archive.read("index.csv").decode().splitlines()))
    assert [row["file"] for row in rows] == archive.namelist()[:-1]
    assert [int(row["seed"]) for row in rows] == list(range(5, 5 + MANY))
    for place in (0, PART, MANY - 1):
        alone = post(client, seed=5 + place)
        assert archive.read(f"digits-{5 + place}.png") == alone.content
        assert rows[place]["class"] == alone.headers["x-class"]


def test_what_is_wrong_with_the_last_image_is_found_before_the_first(client: TestClient) -> None:
    codes = [{"continuous": [0]}] * PART + [{"continuous": [0, 0, 0]}]
    answer = post(client, model="coded", format="npy", codes=codes)
    assert (answer.status_code, "3 were given" in answer.text) == (422, True)


def test_what_is_counted_is_what_was_sent(client: TestClient) -> None:
    def counted() -> float:
        lines = client.get("/metrics").text.splitlines()
        name = 'ganforge_images_total{model="clothes"}'
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    before = counted()
    post(client, model="clothes", n=MANY, format="raw")
    assert counted() - before == MANY


@pytest.fixture(scope="module")
def folder_of_large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    zoo.write(folder, zoo.card("slow", size=64))
    return folder


@pytest.fixture(scope="module")
def server(folder_of_large: Path) -> Iterator[Server]:
    with serving(folder_of_large) as server:
        yield server


def memory(server: Server) -> int:
    """Read how many bytes the service itself has had in memory at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def test_an_answer_is_not_held_in_memory_for_a_client_that_reads_slowly(server: Server) -> None:
    count = 40_000
    server.post(model="slow", n=2000, format="raw")
    before = memory(server)
    with send(server, model="slow", n=count, format="raw") as client:
        received = 0
        while received < count * PIXELS:
            data = client.recv(1 << 20)
            assert data, "the connection was cut off"
            received += len(data)
    assert memory(server) - before < count * PIXELS / 4


def test_who_leaves_in_the_midst_is_computed_for_no_longer(server: Server) -> None:
    with send(server, model="slow", n=1_000_000, format="raw") as client:
        client.recv(1 << 16)
    name = 'ganforge_requests_total{code="499",model="slow",route="/generate"}'
    wait_until(lambda: server.metric(name) == 1)
    wait_until(lambda: server.metric("ganforge_queue_images") == 0)
    assert server.comes_to("ganforge_in_flight_requests", 1)  # the question itself


def test_sigterm_finishes_an_answer_that_has_begun(folder_of_large: Path) -> None:
    count = 8000
    with serving(folder_of_large) as server:
        with send(server, model="slow", n=count, format="raw") as client:
            head = client.recv(1 << 10)
            server.process.send_signal(signal.SIGTERM)
            rest = b"".join(iter(lambda: client.recv(1 << 20), b""))
        assert server.process.wait(timeout=60) == 0
    assert len((head + rest).partition(b"\r\n\r\n")[2]) == count * PIXELS


def test_a_deadline_holds_for_the_last_part_too(server: Server) -> None:
    body = json.dumps({"model": "slow", "n": 1_000_000, "format": "raw"}).encode()
    head = (
        "POST /generate HTTP/1.1\r\nHost: x\r\nX-Deadline-Ms: 700\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: client.recv(1 << 20), b""))
    assert answer.startswith(b"HTTP/1.1 200"), "it began in time"
    assert len(answer) < 1_000_000 * PIXELS, "and was cut off"
    counted = 'ganforge_requests_total{code="%d",model="slow",route="/generate"}'
    codes = [counted % code for code in (503, 504)]  # seen beforehand, or too late
    wait_until(lambda: sum(map(server.metric, codes)) == 1)
