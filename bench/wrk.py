"""wrk: put a server under load, and read what wrk says of it."""

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from string import Template

from bench.request import Request

# Every request asks for a seed that nobody asked for before, so no answer comes from a cache.
SCRIPT = Template("""\
local seed = $first
wrk.method = "POST"
wrk.path = "$path"
wrk.headers["Content-Type"] = "application/json"
function request()
  seed = seed + 1
  local body = string.format('$body', seed)
  return wrk.format(nil, nil, nil, body)
end
""")
# Longer than any answer should take, so that a slow answer counts as slow and not as lost.
PATIENCE = "10s"
MILLISECONDS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6}


class WrkError(RuntimeError):
    """wrk is missing, failed, or printed what this cannot read."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one run measured; latencies in milliseconds, `errors` by kind where there were any."""

    rate: float
    p50: float
    p99: float
    errors: dict[str, int]


def run(port: int, script: str, *, connections: int, seconds: float) -> Load:
    """Load the server at `port` from one thread. Raises WrkError."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        return parse(execute(port, connections, seconds, Path(file.name)))


def script(request: Request, model: str, first_seed: int) -> str:
    """Write what wrk asks: the same request again and again, of one seed after the other."""
    body = request.of(model, seed="%d")
    return SCRIPT.substitute(first=first_seed, path=request.to(model), body=body)


def execute(port: int, connections: int, seconds: float, script: Path) -> str:
    """Run wrk and return what it printed. Raises WrkError."""
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency",
        "--timeout", PATIENCE, "-s", str(script), f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise WrkError("wrk is not installed: apt-get install wrk, or brew install wrk") from error
    except subprocess.CalledProcessError as error:
        raise WrkError(f"wrk failed: {error.stdout}{error.stderr}") from error
    return done.stdout


def parse(output: str) -> Load:
    """Read rate, latencies and errors. Raises WrkError when one of the first two is not there."""
    return Load(
        rate=float(find(r"Requests/sec:\s+([\d.]+)", output)),
        p50=latency(50, output),
        p99=latency(99, output),
        errors=errors(output),
    )


def latency(percent: int, output: str) -> float:
    """Read one line of the latency distribution, in milliseconds."""
    text = find(rf"^\s+{percent}(?:\.0+)?%\s+(\S+)", output)
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text, re.ASCII).groups()  # type: ignore[union-attr]
    return float(number) * MILLISECONDS[unit]


def errors(output: str) -> dict[str, int]:
    """Read how many answers were not 2xx or 3xx, and each kind of socket error."""
    found = {}
    if refused := re.search(r"Non-2xx or 3xx responses: (\d+)", output):
        found["not 2xx"] = int(refused[1])
    if line := re.search(r"Socket errors: (.+)", output):
        found |= {kind: int(n) for kind, n in re.findall(r"(\w+) (\d+)", line[1])}
    return {kind: count for kind, count in found.items() if count}


def find(pattern: str, output: str) -> str:
    """Return the first group of the first match. Raises WrkError."""
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        raise WrkError(f"wrk printed nothing that matches {pattern!r}: {output}")
    return match[1]
