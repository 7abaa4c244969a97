"""`ganforge generate` and `ganforge models`, on a running service."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import ganforge
from bench.server import free_port
from models.errors import UserError
from service import client as exported
from service.client import Client


@pytest.fixture(autouse=True)
def place(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANFORGE_URL", url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


def run(*words: str) -> Result:
    result = CliRunner().invoke(ganforge.app, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_grid_of_one_class(place: Path, client: Client) -> None:
    said = run("generate", "clothes", "--class", "Bag", "-n", "16", "-o", "bags.png").stderr
    with Image.open(place / "bags.png") as image:
        assert image.size == (48, 48)
    (first,) = re.findall(r"bags\.png: 16 images of clothes \(\w{12}\), seeds (\d+) to", said)
    again = client.file("clothes", class_="Bag", n=16, seed=int(first))
    assert again.content == (place / "bags.png").read_bytes()


def test_classes_by_name_and_index(place: Path, client: Client) -> None:
    run("generate", "clothes", "--class", "Bag", "--class", "2", "--seed", "4", "-o", "two.npy")
    expected = client.array("clothes", class_=["Bag", "Ankle boot"], seed=4)
    assert (np.load(place / "two.npy") == expected).all()


def test_without_output_it_is_named_after_the_model(place: Path, client: Client) -> None:
    said = run("generate", "plain", "--seed", "4", "--truncation", "0.5").stderr
    assert said.startswith("plain.png: 1 image of plain (")
    assert said.endswith("), seed 4\n")
    expected = client.file("plain", seed=4, truncation=0.5).content
    assert (place / "plain.png").read_bytes() == expected
    run("generate", "plain", "--format", "webp")
    assert (place / "plain.webp").read_bytes()[8:12] == b"WEBP"


def test_what_was_there_is_replaced_but_not_by_nothing(place: Path) -> None:
    (place / "x.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="404: model 'plan' is not served; did you mean 'plain'"):
        run("generate", "plan", "-o", "x.png")
    assert (place / "x.png").read_bytes() == b"mine"
    run("generate", "plain", "-o", "x.png")
    assert (place / "x.png").read_bytes()[:4] == b"\x89PNG"


def test_stdout(place: Path, client: Client) -> None:
    result = run("generate", "plain", "--seed", "1", "-n", "3", "-o", "-", "--format", "npy")
    assert (np.load(io.BytesIO(result.stdout_bytes)) == client.array("plain", n=3, seed=1)).all()
    assert result.stderr.startswith("stdout: 3 images of plain")
    assert list(place.iterdir()) == []


def test_models(client: Client) -> None:
    lines = run("models").stdout.splitlines()
    assert lines[0].split() == ["model", "variant", "data", "image", "classes", "digest"]
    assert [line.split()[0] for line in lines[1:]] == [m.name for m in client.models()]
    (plain,) = (line.split() for line in lines if line.startswith("plain"))
    assert plain[1:6] == ["dcgan", "digits", "16x16", "colour", "-"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("generate", "plain", "-o", "x.tiff"), "x.tiff: .tiff is the ending of no format"),
        (("generate", "plain", "--class", "1"), "plain is unconditional"),
        (("generate", "clothes", "--class", "02"), "'02' is no class of clothes"),
        (("generate", "clothes", "--class", "٢"), "'٢' is no class of clothes"),
        (("generate", "plain", "--seed", "-1"), "422: seed: "),
        (("models", "--url", "localhost"), "url: found 'localhost', expected http://HOST:PORT"),
    ],
)
def test_what_is_wrong_is_one_line(words: tuple[str, ...], message: str, place: Path) -> None:
    with pytest.raises(UserError, match=re.escape(message)) as found:
        run(*words)
    assert "\n" not in str(found.value)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("words", [["models"], ["generate", "acgan"]])
def test_no_server(words: list[str], place: Path) -> None:
    root = Path(ganforge.__file__).parent
    nobody = f"http://127.0.0.1:{free_port()}"
    done = subprocess.run(
        [sys.executable, "-m", "ganforge", *words],
        env={**os.environ, "GANFORGE_URL": nobody, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"ganforge: no ganforge at {nobody}: start one with `ganforge serve`" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_package_gives_what_the_client_exports() -> None:
    assert ganforge.Client is Client
    for name in exported.__all__:
        assert getattr(ganforge, name) is getattr(exported, name)
    for name in ("Nothing", "__path__", "httpx2"):
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'"):
            getattr(ganforge, name)


def test_a_port_without_tls_is_said_to_have_none(url: str) -> None:
    secure = url.replace("http:", "https:")
    with pytest.raises(UserError, match=f"speaks no TLS, most likely plain HTTP: give {url} "):
        run("generate", "clothes", "--url", secure)
