"""Stats: what the metrics know of a model, in the words of the statistics extension.

Counts are since the service started, times in nanoseconds. What is not measured by model is 0.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client.samples import Sample

from service.catalog import Entry

NANOSECONDS = 1_000_000_000
UNMEASURED = ("compute_input", "compute_output", "cache_hit", "cache_miss")
FAILED = 400


def statistics(entries: Iterable[Entry], samples: Iterable[Sample]) -> dict[str, Any]:
    """Describe some models."""
    totals = sums(samples)
    return {"model_stats": [one(entry, totals) for entry in entries]}


def sums(samples: Iterable[Sample]) -> Mapping[tuple[str, str], float]:
    """Add up what is of the same metric and model."""
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, model, value in named(samples):
        found[name, model] += value
    return found


def named(samples: Iterable[Sample]) -> Iterator[tuple[str, str, float]]:
    """Name each sample of a model by its metric; requests that failed have a name of their own."""
    for sample in samples:
        labels = sample.labels
        failed = sample.name.endswith("requests_total") and int(labels["code"]) >= FAILED
        yield "failed" if failed else sample.name, labels.get("model", ""), sample.value


def one(entry: Entry, totals: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    """Describe one model."""

    def total(name: str) -> float:
        return totals.get((name, entry.name), 0)

    def duration(name: str) -> dict[str, int]:
        nanoseconds = NANOSECONDS * total(f"ganforge_{name}_seconds_sum")
        return {"count": int(total(f"ganforge_{name}_seconds_count")), "ns": int(nanoseconds)}

    queue, compute = duration("queue"), duration("compute")
    return {
        "name": entry.name,
        "version": entry.digest,
        "last_inference": 0,
        "inference_count": int(total("ganforge_images_total")),
        "execution_count": int(total("ganforge_batches_total")),
        "inference_stats": {
            "success": {"count": queue["count"], "ns": queue["ns"] + compute["ns"]},
            "fail": {"count": int(total("failed")), "ns": 0},
            "queue": queue,
            "compute_infer": compute,
            **{name: {"count": 0, "ns": 0} for name in UNMEASURED},
        },
        "batch_stats": [],
    }
