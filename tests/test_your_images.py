"""docs/your-images.md, followed word for word: a folder of pictures becomes a served model."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.settings import ZOO
from tests.blocks import Block, blocks
from tests.service.test_server import Server, serving, wait_until
from tests.typed import ROOT, prepare, python, shell, variables

PAGE = [block for block in blocks(ROOT / "docs/your-images.md") if block.language]
STEPS = "--steps 500"
NAME = "cgan-pictures"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = prepare(tmp_path)
    (folder / "checkpoints").mkdir()
    return folder


@pytest.fixture
def server(place: Path) -> Iterator[Server]:
    folders = os.pathsep.join(map(str, (ZOO, place / "checkpoints")))
    with serving(ZOO, GANFORGE_MODELS=folders, GANFORGE_POLL_SECONDS="0.2") as found:
        yield found


def follow(place: Path, server: Server, steps: str) -> None:
    """Do what the page says, but for the installation and, where that is another, the steps."""
    make, serve, train, ask = PAGE
    assert serve.code == "make serve\n"
    python([make], place, variables(place, server.port))
    spoil(place / "pictures")
    install, command = train.code.split("\n", 1)
    assert install.startswith(".venv/bin/pip install")
    assert STEPS in command
    shell(typed(train, command.replace(STEPS, steps)), place, variables(place, server.port))
    wait_until(lambda: NAME in server.get("/models"))
    request(ask, place, server)


def request(ask: Block, place: Path, server: Server) -> None:
    """Ask as the page does, where nothing but what it says makes curl fail."""
    shell(ask, place, variables(place, server.port), fails=True)


def spoil(pictures: Path) -> None:
    """Put among them what is in everybody's folders."""
    (pictures / "circles/torn.png").write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    (pictures / "squares/empty.jpg").touch()
    (pictures / "notes.txt").write_text("by my cousin")


def typed(block: Block, code: str) -> Block:
    return block._replace(code=code)


def test_the_page_leads_to_a_served_model(place: Path, server: Server) -> None:
    follow(place, server, "--steps 2")
    with Image.open(place / "circles.png") as grid:
        assert grid.size == (4 * 32, 4 * 32)
    assert (place / "checkpoints" / f"{NAME}.safetensors").is_file()


def test_before_the_model_is_there_no_error_lands_in_the_picture(
    place: Path, server: Server
) -> None:
    with pytest.raises(AssertionError, match="404"):
        request(PAGE[-1], place, server)
    assert not (place / "circles.png").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_circles_are_round_and_its_squares_are_not(place: Path, server: Server) -> None:
    """The corners of a shape's box are bright in a square, dark in a circle."""
    follow(place, server, STEPS)
    assert corners(server, "circles") < 0.6 < 0.75 < corners(server, "squares")


def corners(server: Server, kind: str) -> float:
    """Say how bright the corners of the shapes' boxes are, the middle being 1."""
    images = np.load(
        io.BytesIO(server.post(model=NAME, **{"class": kind}, n=64, seed=0, format="npy"))
    ).astype(float)
    return float(np.mean([bright_corners(image.mean(-1)) for image in images]))


def bright_corners(image: np.ndarray) -> float:
    """Compare the corners of what is bright with its middle; (S, S)."""
    middle = image[12:20, 12:20].mean()
    rows, columns = (np.flatnonzero(image.max(axis) > middle / 2) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    inset = 2  # the outline itself is soft
    found = [
        image[y, x] for y in (top + inset, bottom - inset) for x in (left + inset, right - inset)
    ]
    return float(np.mean(found) / middle)
