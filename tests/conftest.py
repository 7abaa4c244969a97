"""What every test may ask for."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, which the service runs on."""
    return "asyncio"


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test of bytes by their argument: gzip's hold the time, and all workers must agree."""
    return argname if isinstance(val, bytes) else None
