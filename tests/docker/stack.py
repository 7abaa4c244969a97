"""A stack: the service and Prometheus, as docker-compose.cpu.yml starts them."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx2
import yaml

ROOT = Path(__file__).parents[2]
FILE = "docker-compose.cpu.yml"

T = TypeVar("T")


class CommandError(Exception):
    """A command that failed; the message is what it said."""


def run(*words: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command at the repository's root and return its output. Raises CommandError."""
    done = subprocess.run(
        words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()[-4000:]
        raise CommandError(f"{' '.join(words)}: exit code {done.returncode}\n{said}")
    return done.stdout.strip()


def compose() -> tuple[str, ...]:
    """Name the Compose command of this host: v2's where there is one, else v1's."""
    try:
        run("docker", "compose", "version")
    except CommandError:
        return ("docker-compose",)
    return ("docker", "compose")


def eventually(probe: Callable[[], T | None], expected: str, seconds: float = 60) -> T:
    """Wait until the probe has an answer. Raises AssertionError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := probe()) is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"expected within {seconds:.0f} s: {expected}")


def services(file: str, *words: str) -> Mapping[str, Any]:
    """Read the services of a compose file, as Compose understands it."""
    shown: Mapping[str, Any] = yaml.safe_load(run(*compose(), "--file", file, *words, "config"))
    return cast("Mapping[str, Any]", shown["services"])


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One project of Compose; its ports are those that the engine found free."""

    project: str
    environment: Mapping[str, str]

    def compose(self, *words: str) -> str:
        command = (*compose(), "--file", FILE, "--project-name", self.project, *words)
        return run(*command, environment=self.environment)

    def images(self) -> Mapping[str, str]:
        """Name the image of each service."""
        return {name: found["image"] for name, found in services(FILE).items()}

    def network_address(self, service: str) -> str:
        """Say where a container is without the engine in between, which accepts for it."""
        template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self.inspect(self.container(service), template)

    def container(self, service: str) -> str:
        return self.compose("ps", "--quiet", service)

    def inspect(self, container: str, template: str) -> str:
        return run("docker", "inspect", "--format", template, container)

    def exec(self, service: str, *words: str, user: str | None = None) -> str:
        as_user = () if user is None else ("--user", user)
        return run("docker", "exec", *as_user, self.container(service), *words)

    def address(self, service: str, port: int) -> str:
        return self.compose("port", service, str(port))

    def client(self, service: str, port: int) -> httpx2.Client:
        base = f"http://{self.address(service, port)}"
        return httpx2.Client(base_url=base, timeout=60, trust_env=False)

    def wait_healthy(self, service: str) -> None:
        container = self.container(service)

        def healthy() -> bool | None:
            return self.inspect(container, "{{.State.Health.Status}}") == "healthy" or None

        eventually(healthy, f"{service} is healthy", 180)

    def value(self, query: str) -> float | None:
        """Ask Prometheus for a query's one sample."""
        with self.client("prometheus", 9090) as client:
            answer = client.get("/api/v1/query", params={"query": query}).raise_for_status()
        result = json.loads(answer.text)["data"]["result"]
        return float(result[0]["value"][1]) if result else None
