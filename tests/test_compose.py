"""The compose file passes on what there is to set."""

from pathlib import Path

import yaml

from service.settings import Settings

SHARED = Path(__file__).parents[1] / "deploy" / "compose.yml"
FIXED = {"models", "host", "port"}
"""Where it looks and listens, in its container, is the image's business."""


def test_every_setting_can_be_set_from_outside() -> None:
    service = yaml.safe_load(SHARED.read_text())["services"]["ganforge"]
    expected = {f"GANFORGE_{name.upper()}" for name in Settings.model_fields if name not in FIXED}
    assert set(service["environment"]) == expected
