"""`python -m deploy.grafana` writes the dashboard anew from the panels."""

import json
from pathlib import Path

from deploy.grafana.layout import dashboard
from deploy.grafana.panels import ROWS

FILE = Path(__file__).parent / "dashboards" / "ganforge.json"


def text() -> str:
    """Write the dashboard as Grafana imports it."""
    return json.dumps(dashboard(ROWS), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
