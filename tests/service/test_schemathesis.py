"""Schemathesis over the OpenAPI: whatever fits it, or nearly does, is answered as it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from service import openapi
from service.endpoints import ENDPOINTS
from service.gate import digest_of
from tests.service.test_server import serving

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
KEY = {"Authorization": "Bearer admin"}
SCHEMA = schemathesis.openapi.from_dict(openapi.document(ENDPOINTS))


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """A real server that lets Schemathesis be its admin."""
    with serving(folder, GANFORGE_ADMIN_KEY=digest_of("admin")) as server:
        yield f"http://127.0.0.1:{server.port}"


@SCHEMA.exclude(path_regex="/unload$").parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_27_no_5xx_and_no_undocumented_status(case: schemathesis.Case[Any], address: str) -> None:
    case.call_and_validate(base_url=address, headers=KEY, checks=CHECKS)
