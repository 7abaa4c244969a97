"""What the service is held to has numbers: each has tests, which docs/reliability.md names."""

import re
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERS = {*range(1, 34)}
FOLDERS = ("service", "bench", "docker")
NUMBERED = re.compile(r"^(?:async )?def (test_(\d\d)_\w+)\(", re.MULTILINE)
ROW = re.compile(r"^\| (\d+) \| .+ \| (.+) \|$", re.MULTILINE)


def written() -> Mapping[str, int]:
    """Find all tests that have a number in their names."""
    files = [file for part in FOLDERS for file in (TESTS / part).rglob("test_*.py")]
    found = [match for file in files for match in NUMBERED.findall(file.read_text())]
    assert len(found) == len(dict(found)), "two tests of the same name"
    return {name: int(number) for name, number in found}


def tabled() -> Mapping[str, int]:
    """Find all tests that stand in the table of the documentation."""
    text = (TESTS.parent / "docs" / "reliability.md").read_text()
    rows = ROW.findall(text.partition("## What is tested")[2])
    return {name: int(number) for number, tests in rows for name in re.findall(r"`(\w+)`", tests)}


def test_each_number_has_its_tests() -> None:
    assert NUMBERS - set(written().values()) == set()


def test_the_documentation_names_them_all() -> None:
    """And none that there is not, nor under another number."""
    assert tabled() == written()
