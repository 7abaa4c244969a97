"""Layout: panels as the JSON that Grafana imports, side by side in 24 columns."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from deploy.grafana.panels import Panel, Query, Row

COLUMNS = 24
SCHEMA = 39
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
ALL = {"text": "All", "value": "$__all"}


def dashboard(rows: Sequence[Row]) -> dict[str, Any]:
    """Describe the whole dashboard."""
    return {
        "uid": "ganforge",
        "title": "ganforge",
        "description": "The service, from its clients down to the device.",
        "tags": ["ganforge"],
        "schemaVersion": SCHEMA,
        "editable": True,
        "graphTooltip": 1,  # one crosshair in all panels
        "refresh": "10s",
        "time": {"from": "now-30m", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": [alerts()]},
        "templating": {"list": [datasource(), *(variable(name) for name in ("instance", "model"))]},
        "panels": list(placed(rows)),
    }


def datasource() -> dict[str, Any]:
    """Let whoever imports it choose which Prometheus to ask."""
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "prometheus"},
    }


def variable(label: str) -> dict[str, Any]:
    """Let the values of a label be chosen."""
    metric = {"instance": "ganforge_build_info", "model": "ganforge_model_info"}[label]
    query = f"label_values({metric}, {label})"
    return {
        "name": label,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "StandardVariableQuery"},
        "refresh": 2,  # whenever the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": ALL,
    }


def alerts() -> dict[str, Any]:
    """Mark the times at which an alert fired."""
    return {
        "name": "Alerts",
        "enable": True,
        "iconColor": "red",
        "datasource": SOURCE,
        "target": {
            "refId": "Alerts",
            "expr": 'ALERTS{alertname=~"Ganforge.*", alertstate="firing"}',
            "interval": "15s",
        },
        "titleFormat": "{{alertname}}",
        "textFormat": "{{instance}}",
    }


def placed(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Give each row's title and panels an id and a place."""
    ids, y = count(1), 0
    for row in rows:
        yield {
            "id": next(ids),
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
            "panels": [],
        }
        x, y = 0, y + 1
        tall = 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, tall = 0, y + tall, 0
            place = {"x": x, "y": y, "w": panel.width, "h": panel.height}
            yield {"id": next(ids), "gridPos": place, **drawn(panel)}
            x, tall = x + panel.width, max(tall, panel.height)
        y += tall


def drawn(panel: Panel) -> dict[str, Any]:
    """Describe a panel but for its place."""
    axis = {"axisPlacement": "left", "unit": panel.unit, "reverse": False}
    heat = HEAT | {"yAxis": axis}
    options = {"stat": STAT, "timeseries": LINES, "heatmap": heat, "table": TABLE}[panel.kind]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.help,
        "datasource": SOURCE,
        "targets": [target(panel, *one) for one in zip("ABCDEF", panel.queries, strict=False)],
        "fieldConfig": {"defaults": field(panel), "overrides": []},
        "options": options,
        **({"transformations": [without(panel.hidden)]} if panel.hidden else {}),
    }


def target(panel: Panel, letter: str, query: Query) -> dict[str, Any]:
    """Describe one query."""
    forms = {"heatmap": "heatmap", "table": "table"}
    return {
        "refId": letter,
        "datasource": SOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.name or "__auto",
        "format": forms.get(panel.kind, "time_series"),
        "instant": panel.kind == "table",
        "range": panel.kind != "table",
    }


def field(panel: Panel) -> dict[str, Any]:
    """Say how values look."""
    shown: dict[str, Any] = {"unit": panel.unit}
    if panel.kind != "heatmap":
        shown |= {"min": 0}
    if panel.kind == "timeseries":
        stacking = {"mode": "normal" if panel.stacked else "none", "group": "A"}
        shown |= {"custom": {"fillOpacity": 25 if panel.stacked else 0, "stacking": stacking,
                             "showPoints": "never", "lineWidth": 1}}  # fmt: skip
    if panel.kind == "stat":
        shown |= {"thresholds": thresholds(panel), "color": {"mode": "thresholds"}}
    return shown


def thresholds(panel: Panel) -> dict[str, Any]:
    """Colour a number that ought to worry."""
    good, bad = ("red", "green") if panel.low_is_bad else ("green", "red")
    steps = [{"color": good if panel.alarm is not None else "blue", "value": None}]
    if panel.alarm is not None:
        steps.append({"color": bad, "value": panel.alarm})  # type: ignore[dict-item]
    return {"mode": "absolute", "steps": steps}


def without(columns: Sequence[str]) -> dict[str, Any]:
    """Leave columns out of a table."""
    options = {"excludeByName": dict.fromkeys(columns, True), "indexByName": {}, "renameByName": {}}
    return {"id": "organize", "options": options}


LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
STAT = {
    "reduceOptions": LAST,
    "colorMode": "value",
    "graphMode": "area",
    "justifyMode": "auto",
    "orientation": "auto",
    "textMode": "auto",
}
LINES = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
    "tooltip": {"mode": "multi", "sort": "desc"},
}
HEAT = {
    "calculate": False,
    "color": {"mode": "scheme", "scheme": "Spectral", "steps": 64, "exponent": 0.5,
              "fill": "dark-orange", "reverse": False},
    "cellGap": 1,
    "filterValues": {"le": 1e-9},
    "legend": {"show": True},
    "tooltip": {"mode": "single", "yHistogram": True},
    "rowsFrame": {"layout": "auto"},
    "exemplars": {"color": "rgba(255,0,255,0.7)"},
}  # fmt: skip
TABLE = {"showHeader": True, "cellHeight": "sm"}
