"""KServe's own client, against a real server."""

import json
import subprocess
import sys
import venv
from base64 import b64decode
from pathlib import Path

import pytest

from tests.service.test_server import Server

KSERVE = "kserve==0.15.2"
CLIENT = Path(__file__).with_name("kserve_client.py")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.version_info >= (3, 13), reason=f"{KSERVE} is for Python 3.12 or older")
def test_28_the_client_of_kserve_gets_the_images_of_generate(
    server_of_clients: Server, tmp_path: Path
) -> None:
    venv.create(tmp_path, with_pip=True)
    python = tmp_path / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", KSERVE], check=True)
    url = f"http://127.0.0.1:{server_of_clients.port}"
    said = subprocess.run([python, CLIENT, url], check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(said.stdout)
    assert found["live"] is found["ready"] is found["model ready"] is True
    expected = [
        server_of_clients.post(model="digits", seed=seed, **{"class": label})
        for seed, label in ((5, 7), (900, 0))
    ]
    for way in ("binary", "json"):
        assert found[way]["image"] == [[2, 12, 12, 1], "uint8"]
        assert [b64decode(file) for file in found[way]["png"]] == expected
    assert "model 'nobody' is not served" in found["error"]
