"""What the dashboard and the alerts ask for, Prometheus has, after a look at the real service."""

import pytest

from tests.prometheus import expressions
from tests.prometheus.conftest import Prometheus
from tests.prometheus.expressions import METRIC
from tests.service.test_server import Server, wait_until

pytestmark = pytest.mark.prometheus

ASKED = list(expressions.asked())


@pytest.mark.parametrize(("title", "expr"), ASKED, ids=[title for title, _ in ASKED])
def test_every_panel_has_data(prometheus: Prometheus, title: str, expr: str) -> None:
    wait_until(lambda: prometheus.values(expr))


@pytest.mark.parametrize("name", expressions.alerts())
def test_every_alert_watches_over_something(prometheus: Prometheus, name: str) -> None:
    wait_until(lambda: prometheus.rules()[name]["health"] == "ok")
    vectors = expressions.vectors(prometheus.rules()[name]["query"])
    assert vectors
    for vector in vectors:
        wait_until(lambda expr=vector: prometheus.values(expr))


@pytest.mark.parametrize("name", ["GanforgeOutOfMemory", "GanforgeModelRefused"])
def test_what_is_wrong_now_fires_now(prometheus: Prometheus, name: str) -> None:
    wait_until(lambda: prometheus.rules()[name]["state"] == "firing")


def test_every_metric_is_in_the_exposition(prometheus: Prometheus, sick: Server) -> None:
    """With its type and with samples, once all has happened that can."""
    queries = [expr for _, expr in ASKED] + [r["query"] for r in prometheus.rules().values()]
    written = set(METRIC.findall(" ".join(queries)))
    assert written
    wait_until(lambda: not [name for name in written if f"\n{name}" not in sick.get("/metrics")])
