"""The dashboard is what its panels say, and something that Grafana can show."""

import re
from itertools import combinations, pairwise
from typing import Any

import pytest

from deploy.grafana.__main__ import FILE, text
from service.metrics import Metrics
from tests.prometheus import expressions
from tests.prometheus.expressions import METRIC, ROOT

UNITS = {"short", "reqps", "cps", "ops", "s", "bytes", "percentunit"}
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"


def names() -> set[str]:
    """Name every series that the service can have, each but those that it has yet."""
    found = set()
    for family in Metrics().registry.collect():
        ends = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
        found |= {family.name + end for end in ends.get(family.type, [""])}
    return found


def test_it_is_made_of_the_panels() -> None:
    """`python -m deploy.grafana` writes it."""
    assert FILE.read_text() == text()


def test_ids_are_unique() -> None:
    for dashboard in expressions.dashboards():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(ids) == len(set(ids))


def test_no_panel_lies_upon_another() -> None:
    for dashboard in expressions.dashboards():
        places = [panel["gridPos"] for panel in dashboard["panels"]]
        assert all(place["x"] + place["w"] <= 24 for place in places)
        assert not [pair for pair in combinations(places, 2) if overlap(*pair)]


def overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    return (
        a["x"] < b["x"] + b["w"]
        and b["x"] < a["x"] + a["w"]
        and a["y"] < b["y"] + b["h"]
        and b["y"] < a["y"] + a["h"]
    )


def test_every_line_of_panels_fills_the_width() -> None:
    for dashboard in expressions.dashboards():
        widths: dict[int, int] = {}
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            widths[place["y"]] = widths.get(place["y"], 0) + place["w"]
        assert set(widths.values()) == {24}
        assert all(a < b for a, b in pairwise(widths))


@pytest.mark.parametrize("panel", list(expressions.panels()), ids=lambda panel: panel["title"])
def test_every_panel_says_what_it_shows_and_of_what_unit(panel: Any) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["targets"]


def test_variables_are_defined_and_used() -> None:
    for dashboard in expressions.dashboards():
        defined = {variable["name"] for variable in dashboard["templating"]["list"]}
        written = set(re.findall(r"\$\{?([a-z]\w*)", str(dashboard["panels"])))
        assert written == defined


def test_the_data_source_is_the_one_that_is_provisioned() -> None:
    provisioned = (PROVISIONING / "datasources" / "prometheus.yml").read_text()
    (uid,) = re.findall(r"^ +uid: (\S+)$", provisioned, re.MULTILINE)
    for dashboard in expressions.dashboards():
        (source,) = (v for v in dashboard["templating"]["list"] if v["type"] == "datasource")
        assert source["current"]["value"] == uid


def test_it_lies_where_compose_mounts_what_is_provisioned() -> None:
    compose = (ROOT / "deploy" / "compose.yml").read_text()
    provider = (PROVISIONING / "dashboards" / "ganforge.yml").read_text()
    (folder,) = re.findall(r"^ +path: (\S+)$", provider, re.MULTILINE)
    assert f"- ./grafana/dashboards:{folder}:ro" in compose
    assert f"HOME_DASHBOARD_PATH: {folder}/{FILE.name}" in compose
    assert FILE.parent == ROOT / "deploy" / "grafana" / "dashboards"


def test_every_metric_is_one_of_the_service() -> None:
    texts = [str(dashboard) for dashboard in expressions.dashboards()]
    written = set(METRIC.findall(" ".join(texts) + expressions.ALERTS.read_text()))
    assert written - names() == set()


def test_every_metric_of_the_service_is_shown() -> None:
    """One that nobody looks at is one too many."""
    shown = set(METRIC.findall(" ".join(expr for _, expr in expressions.asked())))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names()}
    assert families - {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown} == set()
