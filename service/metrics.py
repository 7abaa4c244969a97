"""What Prometheus sees. Labels are bounded: route templates and names of loaded models only."""

import os
import platform
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

from service.engine.orders import Model
from service.engine.policy import Batch

M = TypeVar("M", Counter, Histogram)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of a fleet count; prometheus_client reads it too."""

PREFIX = "ganforge"
UNKNOWN = "_unknown"
SECONDS = [0.0005 * 2**k for k in range(16)]  # 0.5 ms to 16.4 s
IMAGES = [2**k for k in range(13)]


def quick(metric: M) -> M:
    """Remember the metric's children: each look-up of its own takes a lock and makes strings."""
    metric.labels = cache(metric.labels)  # type: ignore[method-assign]
    return metric


class Metrics:
    """All metrics of one app, in a registry of its own; also the engine's observer."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._of_fleet = FOLDER in os.environ
        self._infos: dict[str, tuple[str, ...]] = {}

        def counter(name: str, text: str, *labels: str) -> Counter:
            return quick(Counter(f"{PREFIX}_{name}", text, labels, registry=registry))

        def seconds(name: str, text: str, *labels: str) -> Histogram:
            name = f"{PREFIX}_{name}_seconds"
            return quick(Histogram(name, text, labels, buckets=SECONDS, registry=registry))

        def gauge(name: str, text: str, *labels: str, of_all: str = "sum") -> Gauge:
            name, mode = f"{PREFIX}_{name}", f"live{of_all}"
            return Gauge(name, text, labels, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]

        self.requests = counter("requests", "Requests answered.", "route", "model", "code")
        self.duration = seconds("request_duration", "From request to response.", "route", "model")
        self.queue = seconds("queue", "Time an accepted item waits for its first batch.", "model")
        self.compute = seconds("compute", "Time the device takes for a batch.", "model")
        self.encode = seconds("encode", "Time an answer's encoding takes.", "format")
        self.images = counter("images", "Images delivered.", "model")
        self.batches = counter(
            "batches", "Batches computed, by why they closed.", "model", "reason"
        )
        self.batch_images = Histogram(
            f"{PREFIX}_batch_images",
            "Images in a batch.",
            ["model"],
            buckets=IMAGES,
            registry=registry,
        )
        self.padding = counter("padding_images", "Rows computed to fill a batch's fixed size.")
        self.queue_images = gauge("queue_images", "Images that wait.")
        self.in_flight = gauge("in_flight_requests", "Requests being answered.")
        self.rejected = counter("rejected", "Requests refused, by reason.", "reason")
        self.cancelled_items = counter(
            "cancelled", "Items whose client left or whose time was over, by stage.", "stage"
        )
        self.oom = counter("oom", "Batches that the device had no memory for.")
        self.wasted = counter("wasted_images", "Images computed for a client that had left.")
        self.lag = Histogram(
            f"{PREFIX}_event_loop_lag_seconds",
            "How late the event loop comes round.",
            buckets=SECONDS,
            registry=registry,
        )
        self.device_memory = gauge("device_memory_bytes", "Memory of the worker, by kind.", "kind")
        self.ready = gauge(
            "ready", "1 while requests would be served, as /readyz says.", of_all="min"
        )
        self.model_info = gauge(
            "model_info",
            "1 for each model.",
            *("model", "variant", "dataset", "digest", "device"),
            of_all="max",
        )
        self.model_ready = gauge("model_ready", "1 for a model that serves.", "model", of_all="min")
        self.loads = counter("model_loads", "Checkpoints read, by result.", "result")
        self._begin(gauge("build_info", "Versions.", "version", "torch", "python", of_all="max"))

    def _begin(self, versions: Gauge) -> None:
        """Show from the start what is known at the start."""
        for result in ("ok", "refused"):
            self.loads.labels(result)
        versions.labels(version("ganforge"), version("torch"), platform.python_version()).set(1)

    def describe(self, name: str, model: Model, device: str) -> None:
        """Say that a model serves."""
        card = model.card
        self._infos[name] = (name, card.variant, card.dataset, model.digest, device)
        self.model_info.labels(*self._infos[name]).set(1)
        self.model_ready.labels(name).set(1)
        self.loads.labels("ok").inc()

    def forget(self, name: str) -> None:
        """Say no more of a model that serves no longer, or no longer with these weights."""
        if name not in self._infos:
            return
        info = self._infos.pop(name)
        if self._of_fleet:  # a file forgets no label
            self.model_info.labels(*info).set(0)
            self.model_ready.labels(name).set(0)
        else:
            self.model_info.remove(*info)
            self.model_ready.remove(name)

    def render(self, accept: str) -> tuple[bytes, str]:
        """Write the exposition, of all of a fleet, and name its kind: OpenMetrics has exemplars."""
        write, kind = choose_encoder(accept)
        if not self._of_fleet:
            return write(self.registry), kind
        fleet = CollectorRegistry()
        MultiProcessCollector(fleet)  # type: ignore[no-untyped-call]
        return write(fleet), kind

    def queued(self, images: int) -> None:
        self.queue_images.set(images)

    def sealed(self, batch: Batch, waits: Sequence[float], full: bool) -> None:
        model, size = batch.lane.name, batch.lane.model.sizes.fit(batch.size)
        self.batches.labels(model, "full" if full else "idle").inc()
        self.batch_images.labels(model).observe(batch.size)
        self.padding.inc(size - batch.size)
        queue = self.queue.labels(model)
        for wait in waits:
            queue.observe(wait)

    def computed(self, batch: Batch, seconds: float) -> None:
        self.compute.labels(batch.lane.name).observe(seconds)

    def cancelled(self, stage: str, images: int) -> None:
        self.cancelled_items.labels(stage).inc()
        if stage == "computing":
            self.wasted.inc(images)

    def out_of_memory(self) -> None:
        self.oom.inc()

    def samples(self) -> Iterator[Sample]:
        """Read every metric as it is now, of all of a fleet."""
        registry = self.registry
        if self._of_fleet:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        for family in registry.collect():
            yield from family.samples
