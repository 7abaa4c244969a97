"""What docs/metrics.md gives as examples, Prometheus understands."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.prometheus.conftest import Prometheus
from tests.service.test_server import wait_until
from tests.test_docs_metrics import described

pytestmark = pytest.mark.prometheus

EXAMPLES = {name: one.example for name, one in described().items()}


def test_prometheus_reads_every_example(tmp_path: Path) -> None:
    rules = [{"record": f"example:{name}", "expr": expr} for name, expr in EXAMPLES.items()]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "examples", "rules": rules}]}))
    subprocess.run(["promtool", "check", "rules", str(file)], check=True)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_has_an_answer_from_the_real_service(prometheus: Prometheus, name: str) -> None:
    wait_until(lambda: prometheus.values(EXAMPLES[name]))
