"""What docs/protocols.md tells to type is typed, at a real server; only the port differs."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import ZOO
from tests.blocks import blocks
from tests.service.test_server import Server, serving

BLOCKS = blocks(Path("docs/protocols.md"))
TYPED = {"python": [sys.executable, "-c"], "sh": ["bash", "-euo", "pipefail", "-c"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the models that the page names."""
    folder = tmp_path_factory.mktemp("named")
    for name in ("acgan", "acgan-fashion"):
        shutil.copy(ZOO / f"{name}.safetensors", folder)
    with serving(folder) as server:
        yield server


def test_there_is_something_to_type() -> None:
    assert [block.language for block in BLOCKS] == ["python", "sh", "sh", "python", "sh"]


def test_what_the_page_tells_to_type_works(server: Server, tmp_path: Path) -> None:
    seven = server.post(model="acgan", seed=5, **{"class": 7})
    for language, code, *_ in BLOCKS:
        here = code.replace("localhost:8000", f"127.0.0.1:{server.port}")
        here = here.replace("curl -s", "curl -s --fail-with-body")
        subprocess.run([*TYPED[language], here], cwd=tmp_path, timeout=120, check=True)
        if language == "python":
            assert (tmp_path / "seven.png").read_bytes() == seven
            (tmp_path / "seven.png").unlink()
    drawn = server.post(model="acgan", seed=5)
    assert drawn in (tmp_path / "answer.bin").read_bytes()
