"""Alerts are valid, fire on what is wrong and on nothing else, and are explained."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.prometheus import expressions
from tests.prometheus.expressions import ALERTS, CONFIG, ROOT

CASES = Path(__file__).with_name("alerts.yml")


def promtool(*words: str) -> None:
    done = subprocess.run(("promtool", *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prometheus
def test_prometheus_accepts_configuration_and_alerts(tools: None) -> None:
    promtool("check", "config", "--lint-fatal", str(CONFIG))


@pytest.mark.prometheus
def test_each_fires_on_what_is_wrong_and_on_nothing_else(tools: None) -> None:
    promtool("test", "rules", str(CASES))


@pytest.mark.parametrize("alert", expressions.alerts())
def test_each_has_a_case_in_which_it_fires(alert: str) -> None:
    assert f'alertname="{alert}", alertstate="firing"' in CASES.read_text()


def test_each_says_what_to_do() -> None:
    """In the section of the documentation that it names."""
    runbook = (ROOT / "docs" / "operating.md").read_text()
    named = re.findall(r"runbook: docs/operating.md#(\w+)", ALERTS.read_text())
    sections = re.findall(r"^### (Ganforge\w+)$", runbook, re.MULTILINE)
    assert named == [alert.lower() for alert in expressions.alerts()]
    assert sections == expressions.alerts()
