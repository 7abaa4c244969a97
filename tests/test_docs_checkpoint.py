"""docs/checkpoint-format.md is held to the code, and its programs read what this project writes."""

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from pydantic_core import PydanticUndefined
from safetensors.torch import load_file

from models import card, checkpoint, networks
from models.latents import SCHEME, SEED_LIMIT
from models.pixels import quantise
from service.settings import ZOO
from tests.blocks import blocks

PATH = Path("docs/checkpoint-format.md")
PAGE = PATH.read_text()
FILES = sorted(ZOO.glob("*.safetensors"))


def rows(heading: str, columns: int) -> list[list[str]]:
    """Read the table below a heading, without its head."""
    text = re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], flags=re.MULTILINE)[0]
    lines = [line[1:-1].split("|") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line] for line in lines]
    found = [row for row in cells[1:] if not set("".join(row)) <= set("- |")]
    assert all(len(row) == columns for row in found), found
    return found


def names(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's programs, as files."""
    folder = tmp_path_factory.mktemp("programs")
    reader, maker = (block.code for block in blocks(PATH) if block.language == "python")
    (folder / "read.py").write_text(reader)
    (folder / "image.py").write_text(maker)
    for code in (reader, maker):
        imported = {
            name.name
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Import)
            for name in node.names
        }
        assert imported <= sys.stdlib_module_names
    return folder


def run(programs: Path, name: str, *arguments: object) -> list[str]:
    """Run a program where nothing is installed."""
    command = [sys.executable, "-S", "-E", str(programs / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


@pytest.mark.parametrize("path", FILES[::6], ids=lambda path: path.stem)
def test_plain_python_reads_what_is_there(programs: Path, path: Path) -> None:
    first, *lines = run(programs, "read.py", path.resolve())
    assert json.loads(first) == checkpoint.describe(path).model_dump(mode="json")
    tensors = load_file(path)
    assert len(lines) == len(tensors)
    for line, name in zip(lines, sorted(tensors), strict=True):
        found, *shape, _, total = line.split()
        assert (found, list(map(int, shape))) == (name, list(tensors[name].shape))
        assert float(total) == pytest.approx(float(tensors[name].double().sum()), abs=1e-6)


@pytest.mark.parametrize("seed", [0, 5, SEED_LIMIT - 1])
def test_plain_python_makes_the_image_of_a_seed(programs: Path, seed: int) -> None:
    path = ZOO / "gan.safetensors"
    made = np.array([line.split() for line in run(programs, "image.py", path.resolve(), seed)], int)
    generator = checkpoint.load(path).generator
    with torch.no_grad():
        expected = quantise(generator(torch.from_numpy(generator.latents(np.array([seed])))))
    assert abs(made - expected[0, :, :, 0].astype(int)).max() <= 1
    assert made.std() > 30


def test_every_field_of_the_card_is_there_with_its_default() -> None:
    page = {names(row[0])[0]: row[1] for row in rows("The card", 3)}
    fields = card.ModelCard.model_fields
    assert page.keys() == fields.keys()
    for name, field in fields.items():
        required = field.default is PydanticUndefined
        shown = json.dumps(field.default) if not required else ""
        assert page[name].strip("`") == shown.replace("()", "[]"), name


@pytest.mark.parametrize(
    ("field", "record"),
    [("generator", card.Network), ("latent", card.Latent), ("codes", card.Codes),
     ("image", card.Image), ("metrics", card.Metric), ("training", card.Training)],
)  # fmt: skip
def test_every_part_of_a_field_is_named(field: str, record: type[card.Record]) -> None:
    meaning = next(row[2] for row in rows("The card", 3) if names(row[0]) == [field])
    assert record.model_fields.keys() <= set(names(meaning))


def test_every_verdict_is_there_with_its_head() -> None:
    page = {names(row[0])[0]: names(row[1])[0] for row in rows("Verdicts", 3)}
    assert page == card.HEADS
    assert set(page) == set(get_args(card.Verdict))


def written(arguments: Mapping[str, inspect.Parameter]) -> list[str]:
    """Write a network's arguments as the page does."""
    shown = []
    for name, one in arguments.items():
        if one.kind is one.KEYWORD_ONLY:
            value: Any = "null" if one.default is None else one.default
            shown.append(f"`{name}`" + ("" if one.default is one.empty else f" {value}"))
    return shown


def test_the_table_of_networks_is_the_closed_one() -> None:
    tables = {"generator": networks.GENERATORS, "discriminator": networks.DISCRIMINATORS}
    page = [(names(row[0])[0], row[1], row[2]) for row in rows("Networks", 3)]
    assert page == [
        (name, part, ", ".join(written(inspect.signature(network).parameters)))
        for part, table in tables.items()
        for name, network in table.items()
    ]


def test_the_scheme_of_seeds_is_the_one_that_is_drawn() -> None:
    assert f"`{SCHEME}`: words" in PAGE
    assert SEED_LIMIT == 2**53


def test_every_refusal_is_one_that_is_made() -> None:
    """Each piece of what is said between its `…` stands in the code that says it."""
    sources = [*Path("models").rglob("*.py")]
    code = " ".join(" ".join(path.read_text().split()) for path in sources)
    code = re.sub(r'" f?"|\{[^{}]*\}', "", code.replace("{KEY!r}", "'ganforge'"))
    table = rows("What is refused", 2)
    assert len(table) == 14
    for _, said in table:
        assert said.startswith("`")
        for piece in re.split(r"'?\(?\[?…\]?\)?'?|FIELD|'splitmix64/1'", said.strip("`")):
            assert piece.strip(" :,;'[]()") in code, piece
