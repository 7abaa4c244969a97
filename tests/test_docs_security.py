"""docs/security.md: each statement has tests, which are there; and two that stand nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path("docs/security.md").read_text()
ROW = re.compile(r"^\| (.+) \| ([^|]*) \|$", re.MULTILINE)
RUNNERS = {
    "pickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "runpy",
    "code",
}
CALLS = {"eval", "exec", "compile", "__import__", "torch.load", "os.system", "os.popen"}
UNPICKLE = {"allow_pickle=True", "weights_only=False", "shell=True"}
SOURCES = [file for package in ("models", "service") for file in Path(package).rglob("*.py")]


def statements() -> list[tuple[str, list[str]]]:
    """Read the rows under `what is so`."""
    rows = [(said, re.findall(r"`(test_\w+)`", tests)) for said, tests in ROW.findall(PAGE)]
    return [(said, tests) for said, tests in rows if tests]


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Find the names of all tests."""
    files = Path("tests").rglob("test_*.py")
    found = (
        re.findall(r"^(?:async )?def (test_\w+)\(", f.read_text(), re.MULTILINE) for f in files
    )
    return {name for names in found for name in names}


@pytest.mark.parametrize(("said", "tests"), statements(), ids=lambda one: str(one)[:30])
def test_what_is_said_is_tested(written: set[str], said: str, tests: list[str]) -> None:
    assert set(tests) - written == set()


def test_every_statement_names_a_test() -> None:
    tables = PAGE.split("| what is so | tests |")[1:]
    rows = [line for part in tables for line in part.partition("\n\n")[0].splitlines()[2:]]
    assert len(rows) == len(statements()) > 25


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    for file in SOURCES:
        yield from ((file, node) for node in ast.walk(ast.parse(file.read_text())))


def test_nothing_is_imported_that_runs_what_it_reads() -> None:
    """Nor is `torch.load` called, which unpickles, or anything that runs text."""
    found = []
    for file, node in nodes():
        if isinstance(node, ast.Import):
            found += [(file, n.name) for n in node.names if n.name.split(".")[0] in RUNNERS]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(file, node.module)] if node.module.split(".")[0] in RUNNERS else []
        elif isinstance(node, ast.Call):
            found += [(file, called) for called in [ast.unparse(node.func)] if called in CALLS]
            found += [(file, "pickle") for k in node.keywords if ast.unparse(k) in UNPICKLE]
    assert len(SOURCES) > 50
    assert found == []
