"""The compose file passes on what there is to set."""

import re
from pathlib import Path

import yaml

from service.settings import Settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT / "deploy" / "compose.yml"
FIXED = {"models", "host", "port"}
"""Where it looks and listens, in its container, is the image's business."""


def test_every_setting_can_be_set_from_outside() -> None:
    expected = {f"GANFORGE_{name.upper()}" for name in Settings.model_fields if name not in FIXED}
    assert {name for name in passed() if not name.startswith("OTEL_")} == expected


def test_every_variable_of_traces_can_be_set_from_outside() -> None:
    """Those of the documentation's table, where `_X` beside a name stands for its last part."""
    table = re.findall(
        r"^\| (`OTEL_.*?) \|", (ROOT / "docs" / "tracing.md").read_text(), re.MULTILINE
    )
    expected = set()
    for row in table:
        first, *others = re.findall(r"`(\w+)`", row)
        stem = first.rpartition("_")[0]
        expected |= {first, *(o if o.startswith("OTEL_") else stem + o for o in others)}
    assert len(expected) >= len(table) > 5
    assert {name for name in passed() if name.startswith("OTEL_")} == expected


def passed() -> list[str]:
    """List what the service is passed: names alone, so that what is not set is not passed."""
    service = yaml.safe_load(SHARED.read_text())["services"]["ganforge"]
    names: list[str] = service["environment"]
    assert all(re.fullmatch(r"\w+", name) for name in names)
    return names
