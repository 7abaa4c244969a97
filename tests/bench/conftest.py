"""What the tests of servers share: a folder of two small models to serve."""

import shutil
from pathlib import Path

import pytest

from service.settings import ZOO


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of two bundled models, with classes and without, in a folder of their own."""
    folder = tmp_path_factory.mktemp("served")
    for name in ("dcgan", "acgan"):
        shutil.copy(ZOO / f"{name}.safetensors", folder)
    return folder / "acgan.safetensors"
