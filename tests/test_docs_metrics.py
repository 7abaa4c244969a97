"""docs/metrics.md is held to the metrics: every name, type, label and meaning, and its examples."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client.metrics import MetricWrapperBase

from service import errors
from service.metrics import Metrics

PAGE = Path("docs/metrics.md").read_text()
SECTION = re.compile(
    r"^### `(\w+)`\n\n\*(\w+)\*: ([^\n]+)\n\n(.*?)```promql\n(.*?)```$", re.MULTILINE | re.DOTALL
)


class Described(NamedTuple):
    """A metric as the page has it."""

    kind: str
    labels: tuple[str, ...]
    text: str
    example: str


def described() -> Mapping[str, Described]:
    found = SECTION.findall(PAGE)
    assert len(found) == PAGE.count("\n### "), "every section has its parts"
    return {
        name: Described(
            kind, tuple(re.findall(r"`(\w+)`", labels)), " ".join(text.split()), example
        )
        for name, kind, labels, text, example in found
    }


def there() -> Mapping[str, tuple[str, tuple[str, ...], str]]:
    """Read name, type, labels and text of every metric from the registry."""
    registry = Metrics().registry
    kept = {one for one in registry._collector_to_names if isinstance(one, MetricWrapperBase)}
    found = {}
    for metric in kept:
        [family] = metric.describe()
        name = family.name + ("_total" if family.type == "counter" else "")
        found[name] = family.type, tuple(metric._labelnames), family.documentation.rstrip(".")
    return found


def test_every_metric_is_there_with_its_type_and_labels() -> None:
    page = {name: (one.kind, one.labels) for name, one in described().items()}
    assert page == {name: (kind, labels) for name, (kind, labels, _) in there().items()}


@pytest.mark.parametrize("name", sorted(there()))
def test_a_metric_is_described_as_it_describes_itself(name: str) -> None:
    assert described()[name].text.startswith(there()[name][2])


@pytest.mark.parametrize("name", sorted(there()))
def test_an_example_asks_for_its_metric_and_for_labels_that_there_are(name: str) -> None:
    example = described()[name].example
    asked = re.findall(r"\bganforge_\w+", example)
    assert any(re.sub("_(bucket|sum|count)$", "", one) == name for one in asked)
    known = {"le"}
    for one in asked:
        base = one if one in there() else re.sub("_(bucket|sum|count)$", "", one)
        kind, labels, _ = there()[base]
        assert (base != one) == (kind == "histogram"), f"{one} has no series of its own"
        known |= set(labels)
    grouped = re.findall(r"\b(?:by|on|group_left) \(([^)]*)\)", example)
    selected = re.findall(r"[{,] ?(\w+)(?:=~|!~|!=|=)", example)
    assert {label for part in grouped for label in part.split(", ")} | set(selected) <= known


def test_every_reason_of_a_refusal_is_named() -> None:
    reasons = {
        one.reason for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.ServiceError)
    }  # fmt: skip
    named = set(re.findall(r"`(\w+)`", described()["ganforge_rejected_total"].text))
    assert named == reasons - {errors.ServiceError.reason}
