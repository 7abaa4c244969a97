"""What docs/protocols.md tells to type is typed, at a real server; only the port differs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import ZOO
from tests.blocks import blocks
from tests.service.test_server import Server, serving
from tests.typed import prepare, python, shell, variables

BLOCKS = blocks(Path("docs/protocols.md"))


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
    place = prepare(tmp_path)
    environment = variables(place, server.port)
    for block in BLOCKS:
        if block.language == "python":
            python([block], place, environment)
            assert (place / "seven.png").read_bytes() == seven
            (place / "seven.png").unlink()
        else:
            shell(block, place, environment)
    drawn = server.post(model="acgan", seed=5)
    assert drawn in (place / "answer.bin").read_bytes()
