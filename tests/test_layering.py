"""Who imports whom: each module in a process of its own, by what it leaves in sys.modules."""

import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from training import variants

OURS = {"models", "training", "service"}
FORBIDDEN = {  # torch imports tqdm where it finds it, so tqdm proves nothing
    "models": {"training", "service", "starlette", "sklearn", "matplotlib"},
    "training": {"service", "starlette", "uvicorn"},
    "service": {"training", "sklearn", "matplotlib"},
}
STRICTER = {
    "service.app": {"torch", "opentelemetry"},  # a process of its own; an extra
    "service.cli": {"service.client", "httpx2"},  # serving asks nobody
    "service.client": {"torch", "starlette", "pydantic", "numpy", "PIL"},
    "service.client.cli": {"torch", "starlette", "pydantic", "numpy", "PIL"},
    "service.engine.policy": {"torch", "starlette", "fastapi", "numpy", "models"},
    "service.engine.batcher": {"torch", "starlette", "fastapi", "models"},
    "service.engine.work": {"torch", "starlette", "fastapi"},
    "service.engine.worker": {"starlette", "fastapi", "uvicorn"},
}


def modules() -> Iterator[str]:
    for package in sorted(OURS):
        path = import_module(package).__path__
        yield package
        yield from (found.name for found in pkgutil.walk_packages(path, f"{package}."))


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """Import whole packages once; a package's modules are told apart only where one fails."""
    return {
        package: loaded_by(", ".join(name for name in modules() if name.split(".")[0] == package))
        for package in OURS
    }


@pytest.mark.parametrize("package", sorted(OURS))
def test_package_imports_only_what_is_below_it(package: str, loaded: dict[str, set[str]]) -> None:
    assert FORBIDDEN[package] & loaded[package] == set()


@pytest.mark.parametrize("module", sorted(STRICTER))
def test_engine_parts_know_only_their_own_concern(module: str) -> None:
    assert STRICTER[module] & loaded_by(module) == set()


def test_loop_knows_no_variant() -> None:
    assert not {name for name in loaded_by("training.loop") if name.startswith("training.variants")}


def test_nothing_but_its_own_file_names_a_variant() -> None:
    """Architectures share some of these names, so it is the module that must not be named."""
    named = [
        (str(path), name)
        for package in sorted(OURS)
        for path in Path(package).rglob("*.py")
        for name in variants.names()
        if f"variants.{name}" in path.read_text() or f"import {name}" in path.read_text()
    ]
    assert named == []


def test_command_line_imports_no_package_before_it_is_needed() -> None:
    assert {"training", "service", "torch"} & loaded_by("ganforge") == set()
