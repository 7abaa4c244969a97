"""Every expression that the dashboard and the alerts ask Prometheus for."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))

CHOSEN = {"$__rate_interval": "1m", "$instance": ".*", "$model": ".*"}
METRIC = re.compile(r"\bganforge_\w+")
WRITTEN = re.compile(r"^ +- alert: (\w+)$", re.MULTILINE)


def dashboards() -> Iterator[Any]:
    """Read the dashboards as they are committed."""
    for path in DASHBOARDS:
        yield json.loads(path.read_text())


def panels() -> Iterator[Mapping[str, Any]]:
    """List all panels that ask for something."""
    for dashboard in dashboards():
        yield from (panel for panel in dashboard["panels"] if panel["type"] != "row")


def asked() -> Iterator[tuple[str, str]]:
    """List the title and the expression of every query, with its variables as Grafana sets them."""
    for panel in panels():
        for target in panel["targets"]:
            expr = target["expr"]
            for variable, value in CHOSEN.items():
                expr = expr.replace(variable, value)
            yield f"{panel['title']} {target['refId']}", expr


def alerts() -> list[str]:
    """List the names of all alerts."""
    return WRITTEN.findall(ALERTS.read_text())


def vectors(expr: str) -> list[str]:
    """Take an alert's expression apart into what it compares with its thresholds.

    What there was ten minutes ago is asked for as it is now, and what is absent is not asked for.
    """
    parts = re.split(r"\s(?:and|or|unless)\s", expr.replace(" offset 10m", ""))
    found = [re.sub(r"\s+(?:>|==)\s+[\d.]+\s*$", "", part) for part in parts]
    return [part for part in found if not part.strip().startswith("absent(")]
