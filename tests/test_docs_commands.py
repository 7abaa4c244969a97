"""What README.md and docs/api.md tell to type is typed, at a real server; only the port differs.

A block of the README that names no language is shell, unless NOT_RUN says why it is not run. Where
JSON follows shell, it is what the shell has to print. JavaScript is run where there is Node, which
CI has.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from service.gate import digest_of
from service.settings import ZOO
from tests.blocks import Block, blocks
from tests.service.test_server import serving
from tests.typed import ROOT, ask, prepare, python, shell, variables

README, API = blocks(ROOT / "README.md"), blocks(ROOT / "docs/api.md")
GUARDED = "Keys"
"""Under this heading the server has keys."""

NOT_RUN: Mapping[str, str] = MappingProxyType(
    {
        "make serve": ".ci/run types it on a bare machine: it installs for minutes",
        "docker-compose up": "tests/docker types it: it needs a Docker engine",
        "HTTP/1.1 200 OK": "an answer, which a test of its own compares",
        ".venv/bin/pip install": "trains for minutes; tests/training has these commands",
    }
)
"""How blocks of the README begin that are not run here, and why."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to type in, in which `ganforge` is a command and curl fails where HTTP does."""
    return prepare(tmp_path_factory.mktemp("typed"))


@pytest.fixture(scope="module")
def environment(place: Path) -> Iterator[dict[str, str]]:
    """The variables of one who types beside a server of the bundled models."""
    with serving(ZOO) as server:
        yield variables(place, server.port)


@pytest.fixture(scope="module")
def guarded(place: Path) -> Iterator[dict[str, str]]:
    """The same beside a server with a key, which is in the environment."""
    folder = place / "models"
    folder.mkdir()
    shutil.copy(ZOO / "acgan.safetensors", folder)
    with serving(folder, GANFORGE_API_KEYS=f"alice:{digest_of('secret')}") as server:
        yield {**variables(place, server.port), "GANFORGE_API_KEY": "secret"}


def reason(block: Block) -> str | None:
    """Say why a block of the README is not run."""
    return next((why for how, why in NOT_RUN.items() if block.code.startswith(how)), None)


def test_what_is_not_run_is_still_there() -> None:
    for beginning in NOT_RUN:
        assert [block for block in README if block.code.startswith(beginning)], beginning


def test_readme_is_typed(place: Path, environment: dict[str, str]) -> None:
    typed = [block for block in README if block.language in ("", "sh") and reason(block) is None]
    for block in typed:
        shell(block, place, environment)
    assert len(typed) >= 3
    for name, magic in (
        ("seven.png", b"\x89PNG"),
        ("images.npy", b"\x93NUM"),
        ("path.gif", b"GIF"),
    ):
        assert (place / name).read_bytes().startswith(magic)


def test_python_of_the_readme(place: Path, environment: dict[str, str]) -> None:
    assert {block.language for block in README} <= {"", "sh", "python"}
    python([block for block in README if block.language == "python"], place, environment)


def test_the_head_of_an_answer_in_the_readme_is_a_real_one(
    place: Path, environment: dict[str, str]
) -> None:
    (answer,) = (block.code for block in README if block.code.startswith("HTTP/1.1"))
    (asked,) = (block for block in README if "curl -s -D -" in block.code)
    said = heads(shell(asked, place, environment))
    for name, value in heads(answer).items():
        assert name in said
        if name not in ("x-model-digest", "server-timing"):
            assert said[name] == value


def heads(text: str) -> dict[str, str]:
    """Read the head of an answer, and its first line as "status"."""
    first, *lines = text.strip().splitlines()
    named = (line.partition(": ") for line in lines)
    return {"status": first.strip(), **{name: value.strip() for name, _, value in named}}


def alike(shown: Any, said: Any) -> None:
    """See that an answer has the shape that is shown, and its words up to where they are cut."""
    assert type(shown) is type(said)
    if isinstance(shown, dict):
        assert shown.keys() == said.keys()
        for key in shown:
            alike(shown[key], said[key])
    elif isinstance(shown, list):
        assert len(shown) == len(said)
        for one, other in zip(shown, said, strict=True):
            alike(one, other)
    elif isinstance(shown, str) and shown != "DIGEST":
        assert said.startswith(shown.removesuffix("…"))
    elif isinstance(shown, int):
        assert said == shown


def of(language: str, *, guarded: bool) -> list[Block]:
    """List the blocks of docs/api.md in a language, for a server with keys or without."""
    return [b for b in API if b.language == language and (b.heading == GUARDED) is guarded]


def test_every_block_of_the_api_is_of_a_known_language() -> None:
    assert {block.language for block in API} == {"sh", "python", "js", "json"}
    for language in ("sh", "python", "js"):
        assert len(of(language, guarded=False)) >= 10
        assert len(of(language, guarded=True)) == 1


@pytest.mark.parametrize("guards", [False, True], ids=["open", "keys"])
def test_shell_of_the_api(guards: bool, place: Path, request: pytest.FixtureRequest) -> None:
    beside = request.getfixturevalue("guarded" if guards else "environment")
    for block, following in pairwise([*API, Block("", "", "", 0)]):
        if block.language != "sh" or (block.heading == GUARDED) is not guards:
            continue
        shown = json.loads(following.code) if following.language == "json" else None
        said = shell(block, place, beside, fails=shown is not None and "status" in shown)
        if shown is not None:
            alike(shown, json.loads(said))


@pytest.mark.parametrize("guards", [False, True], ids=["open", "keys"])
def test_python_of_the_api(guards: bool, place: Path, request: pytest.FixtureRequest) -> None:
    beside = request.getfixturevalue("guarded" if guards else "environment")
    python(of("python", guarded=guards), place, beside)


@pytest.mark.parametrize("guards", [False, True], ids=["open", "keys"])
def test_javascript_of_the_api_where_node_is(
    guards: bool, place: Path, request: pytest.FixtureRequest
) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("the JavaScript of docs/api.md is not run: no `node` is installed")
    beside = request.getfixturevalue("guarded" if guards else "environment")
    code = "\n".join(f"{{\n{block.code}}}" for block in of("js", guarded=guards))
    ask([node, "--input-type=module", "--eval"], code, place, beside)
