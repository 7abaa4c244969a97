"""What is set for the service and read by nobody is warned of, and no key is told."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from service import variables
from service.gate import digest_of
from service.settings import Settings

OPEN = Settings(api_keys={})
GUARDED = Settings(api_keys={"alice": digest_of("alice")})


def said(
    caplog: pytest.LogCaptureFixture, environment: Mapping[str, str], settings: Settings = OPEN
) -> list[str]:
    caplog.clear()
    variables.warn(environment, settings)
    return [record.getMessage() for record in caplog.records]


def test_a_misspelt_name_is_told_with_the_nearest(caplog: pytest.LogCaptureFixture) -> None:
    names = ("GANFORGE_PRT", "GANFORGE_ZEBRA_CROSSING_47")
    (port, zebra) = said(caplog, dict.fromkeys(names, "secret"))
    assert port == (
        "GANFORGE_PRT: found, expected a variable of docs/settings.md: did you mean GANFORGE_PORT?"
    )
    assert zebra.startswith("GANFORGE_ZEBRA_CROSSING_47: found")
    assert zebra.endswith(": remove it")


@pytest.mark.parametrize(
    "environment",
    [
        {"GANFORGE_PORT": "1", "ganforge_max_batch": "2"},
        {"GANFORGE_PRT": ""},
        {"PORT": "1", "OTHER_GANFORGE_PRT": "1"},
        dict.fromkeys(variables.OTHERS - {variables.CLIENT_KEY}, "1"),
    ],
)
def test_others_are_not(caplog: pytest.LogCaptureFixture, environment: dict[str, str]) -> None:
    assert said(caplog, environment) == []


def test_the_key_of_a_client_guards_nothing(caplog: pytest.LogCaptureFixture) -> None:
    environment = {"GANFORGE_API_KEY": "secret"}
    (warning,) = said(caplog, environment)
    assert "expected GANFORGE_API_KEYS with NAME:DIGEST" in warning
    assert "secret" not in warning
    assert said(caplog, environment, GUARDED) == []


def test_serve_warns_at_its_start() -> None:
    """A device that is not there ends it after that."""
    done = subprocess.run(
        [sys.executable, "-m", "ganforge", "serve", "--port", "0", "--device", "cuda:99"],
        env={**os.environ, "GANFORGE_PRT": "1", "GANFORGE_API_KEY": "secret"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    warnings = [line for line in done.stderr.splitlines() if "WARNING" in line]
    assert len(warnings) == 2, done.stderr
    assert "did you mean GANFORGE_PORT?" in warnings[0]
    assert "everybody may ask" in warnings[1]
    assert "secret" not in done.stderr
