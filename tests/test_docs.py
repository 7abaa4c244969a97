"""What the README says is held to the code: settings, endpoints, variants, requests, figures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bench import figures
from service.app import create_app
from service.endpoints import ENDPOINTS
from service.settings import ZOO, Settings
from training import variants

README = Path("README.md").read_text()
TRAINING = Path("docs/training.md").read_text()
PROTOCOLS = Path("docs/protocols.md").read_text()
REQUESTS = re.findall(r"localhost:8000(/\w+).*?-d '(\{.*?\})' -o (\S+)", README, re.DOTALL)


def test_every_endpoint_is_in_the_table() -> None:
    for endpoint in ENDPOINTS:
        described = PROTOCOLS if endpoint.path.startswith(("/v1", "/v2")) else README
        assert f"`{endpoint.method} {endpoint.path}`" in described


def test_every_variant_is_in_the_table() -> None:
    named = re.findall(r"^\| `(\w+)` \| [A-Z].* \d{4} \|", TRAINING, re.MULTILINE)
    assert tuple(sorted(named)) == variants.names()


@pytest.fixture(scope="module")
def bundled() -> Iterator[TestClient]:
    with TestClient(create_app(Settings(models=(ZOO,), device="cpu"))) as client:
        yield client


@pytest.mark.parametrize(("path", "body", "file"), REQUESTS)
def test_every_request_works(bundled: TestClient, path: str, body: str, file: str) -> None:
    answer = bundled.post(path, json=json.loads(body))
    assert answer.status_code == 200, answer.text
    kind = {"png": "image/png", "npy": "application/x-npy", "gif": "image/gif"}[file.split(".")[1]]
    assert answer.headers["content-type"] == kind


def test_what_the_discriminator_says_of_a_seven(bundled: TestClient) -> None:
    (path,) = re.findall(r"localhost:8000(/discriminate\S+)' --data-binary @seven.png", README)
    seven = bundled.post("/generate", json={"model": "acgan", "class": 7, "seed": 5}).content
    said = bundled.post(path, content=seven).json()
    assert said["realness"]["kind"] == "probability"
    assert max(said["classes"], key=said["classes"].get) == "7"


def test_there_are_requests_to_try() -> None:
    assert len(REQUESTS) >= 4


def test_figures_are_those_of_the_cards() -> None:
    """`python -m bench.figures` prints what the README has to say."""
    assert figures.table() in README
