"""What a report reads of the runs."""

from pathlib import Path

import pytest

from training.config import FILE, Config
from training.report.model import read


def test_a_run_whose_config_is_damaged_is_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for variant in ("gan", "dcgan"):
        Config(variant=variant, data="digits", batch=16).save(tmp_path / variant)
    (tmp_path / "gan" / FILE).write_text('{"epochs": null}')
    assert [model.entry.variant for model in read(tmp_path)] == ["dcgan"]
    assert f"left out: {tmp_path / 'gan' / FILE} is damaged" in caplog.text
