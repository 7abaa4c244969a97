"""docs/settings.md is held to the class: every setting, its default, its values, its meaning."""

import re
from pathlib import Path
from typing import Any, get_args, get_origin

import annotated_types
import pytest
from pydantic.fields import FieldInfo

from service import variables
from service.cli import serve
from service.settings import Settings

PAGE = Path("docs/settings.md").read_text()
ROWS = re.findall(r"^\| `GANFORGE_(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", PAGE, re.MULTILINE)
FIELDS = Settings.model_fields
OWN_WORDS = ("models", "host", "device", "api_keys", "admin_key", "cors_origins")
"""What is no number and no choice is described in words."""


def default(field: FieldInfo) -> str:
    """Write a default as the page does."""
    value: Any = field.default
    return f"`{value}`" if value not in (None, (), {}) else "none"


def values(field: FieldInfo) -> str:
    """Write which values a field takes."""
    if choices := get_args(field.annotation):
        return ", ".join(f"`{one}`" for one in choices)
    least = next((m.ge for m in field.metadata if isinstance(m, annotated_types.Ge)), None)
    most = {type(m): m for m in field.metadata}
    if isinstance(below := most.get(annotated_types.Lt), annotated_types.Lt):
        return f"{least} to {int(below.lt) - 1}"  # type: ignore[call-overload]
    if isinstance(highest := most.get(annotated_types.Le), annotated_types.Le):
        return f"{least} to {highest.le}"
    return "above 0" if least is None else f"{least} or more"


def test_every_setting_is_there_once() -> None:
    assert sorted(name for name, *_ in ROWS) == sorted(name.upper() for name in FIELDS)


@pytest.mark.parametrize(("name", "shown", "may_be", "meaning"), ROWS, ids=[r[0] for r in ROWS])
def test_a_row_is_what_the_setting_is(name: str, shown: str, may_be: str, meaning: str) -> None:
    field = FIELDS[name.lower()]
    if name != "MODELS":
        assert shown == default(field)
    if name.lower() not in OWN_WORDS:
        assert may_be == values(field)
    assert field.description
    assert meaning.startswith(field.description)
    assert len(meaning) > len(field.description) + 20, "it says when to change it"


def test_what_is_described_in_words_has_no_limits() -> None:
    for name in OWN_WORDS:
        kinds = {type(one) for one in FIELDS[name].metadata}
        assert not kinds & {annotated_types.Ge, annotated_types.Gt, annotated_types.Le}
        assert get_origin(FIELDS[name].annotation) is not None or FIELDS[name].annotation is str


def test_every_option_of_the_command_is_named() -> None:
    options = [name for name in serve.__annotations__ if name != "return"]
    assert options
    for name in options:
        assert f"`--{name}`" in PAGE


def test_every_variable_that_the_code_names_is_known_and_on_the_page() -> None:
    """Those that only tests read are nobody's who serves."""
    files = [
        Path("ganforge.py"),
        Path("Dockerfile"),
        *Path().glob("*.yml"),
        *Path("deploy").rglob("*.yml"),
    ]
    for package in ("models", "service", "training"):
        files += [file for kind in ("py", "js") for file in Path(package).rglob(f"*.{kind}")]
    named = {name for file in files for name in re.findall(r"GANFORGE_[A-Z_]+\b", file.read_text())}
    named -= {variables.PREFIX}
    assert named > variables.OTHERS
    assert named <= {*variables.SETTINGS, *variables.OTHERS}
    for name in variables.OTHERS:
        assert f"`{name}`" in PAGE
