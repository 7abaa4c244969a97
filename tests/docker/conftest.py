"""The image, built from this checkout, and the stack that runs it."""

import os
import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.docker.stack import CommandError, Stack, compose, run

IMAGE = "ganforge:test"
TRAIN_IMAGE = "ganforge-train:test"
SERVICES = ("ganforge", "prometheus")


@pytest.fixture(scope="session")
def engine() -> None:
    """Fail, rather than skip, where there is nothing to test with."""
    try:
        run("docker", "info", "--format", "{{.ServerVersion}}")
        run(*compose(), "version")
    except (CommandError, OSError) as error:
        raise pytest.fail.Exception(f"no Docker engine: {error}", pytrace=False) from None


@pytest.fixture(scope="session")
def image(engine: None) -> str:
    """Build the image that serves."""
    return build(IMAGE)


@pytest.fixture(scope="session")
def train_image(image: str) -> str:
    """Build the image that trains, which begins as the other one does."""
    return build(TRAIN_IMAGE, "--target", "train")


def build(tag: str, *words: str) -> str:
    """Build an image; GANFORGE_DOCKER_BUILD_ARGS adds words to `docker build`."""
    more = shlex.split(os.environ.get("GANFORGE_DOCKER_BUILD_ARGS", ""))
    run("docker", "build", "--tag", tag, *words, *more, ".")
    return tag


@pytest.fixture(scope="module")
def stack(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Start the stack with no checkpoints but the zoo's, and take everything down afterwards."""
    made = Stack(
        project=f"ganforge-test-{secrets.token_hex(4)}",
        environment=os.environ
        | {
            "GANFORGE_IMAGE": image,
            "GANFORGE_TRAIN_IMAGE": TRAIN_IMAGE,
            "GANFORGE_CHECKPOINTS": str(published(tmp_path_factory)),
            "GANFORGE_USER": f"{os.getuid()}:{os.getgid()}",
            "GANFORGE_PORT": "0",
            "GRAFANA_PORT": "0",
            "PROMETHEUS_PORT": "0",
        },
    )
    try:
        start(made)
        yield made
    finally:
        made.compose("down", "--volumes")


def published(factory: pytest.TempPathFactory) -> Path:
    """Make a folder that the container's user may read."""
    folder = factory.mktemp("checkpoints")
    folder.chmod(0o755)
    return folder


def start(made: Stack) -> None:
    try:
        made.compose("up", "--detach", "--no-build", *SERVICES)
        for service in SERVICES:
            made.wait_healthy(service)
    except (CommandError, AssertionError) as error:
        pytest.fail(f"{error}\n{made.compose('logs', '--tail=50')}", pytrace=False)


@pytest.fixture
def grafana(stack: Stack) -> httpx2.Client:
    """Start Grafana as well; its image is pulled, which not every host may do."""
    image = stack.images()["grafana"]
    try:
        run("docker", "image", "inspect", image)
    except CommandError:
        try:
            run("docker", "pull", image)
        except CommandError as error:
            pytest.skip(f"no image of Grafana: {error}")
    stack.compose("up", "--detach", "--no-build", "grafana")
    stack.wait_healthy("grafana")
    return stack.client("grafana", 3000)
