"""One file makes a variant: trained, tested, listed and served, with no other change."""

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models import checkpoint
from service.app import create_app
from service.settings import Settings
from tests.training.zoo import newcomer

SMALL = ["--set", "generator_width=4", "--set", "discriminator_width=4", "--batch", "16"]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    environment = newcomer.environment(folder)
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the newcomer was trained for, by the real command."""
    folder = tmp_path_factory.mktemp("newcomer")
    newcomer.write(folder)
    words = ["ganforge", "train", newcomer.NAME, "--data", "digits", "--steps", "3", "--device"]
    where = ["--out", str(folder / "run"), "--publish", str(folder / "served")]
    done = run(folder, *words, "cpu", *SMALL, *where)
    assert done.returncode == 0, done.stderr
    return folder / "served"


def test_it_is_trained_to_a_checkpoint_like_any(published: Path) -> None:
    card = checkpoint.describe(published / f"{newcomer.NAME}-digits.safetensors")
    assert (card.variant, card.training.steps) == (newcomer.NAME, 3)


def test_it_is_served(published: Path) -> None:
    settings = Settings(models=(published,), device="cpu")
    with TestClient(create_app(settings)) as client:
        name = f"{newcomer.NAME}-digits"
        assert name in client.get("/models").text
        answer = client.post("/generate", json={"model": name, "seed": 1})
        assert answer.status_code == 200
        assert answer.content.startswith(b"\x89PNG")


def test_the_help_lists_it(published: Path) -> None:
    shown = run(published.parent, "ganforge", "train", "--help")
    assert newcomer.NAME in shown.stdout


def test_the_tests_of_every_variant_test_it(published: Path) -> None:
    words = ["pytest", "-q", "-p", "no:cacheprovider", "-k", newcomer.NAME]
    done = run(published.parent, *words, "tests/training/test_variants.py")
    assert done.returncode == 0, done.stdout
    passed = int(done.stdout.rsplit(" passed", 1)[0].split()[-1])
    assert passed >= 10
