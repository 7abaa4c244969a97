"""Panels: what the dashboard shows, row by row, each as a few queries and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["stat", "timeseries", "heatmap", "table"]

RATE = "[$__rate_interval]"
HERE = 'instance=~"$instance"'
MODEL = f'{HERE}, model=~"$model"'
ASKED = f'{HERE}, route!~"/(healthz|readyz|metrics)"'
OVERLOAD = f'{HERE}, reason=~"overloaded|deadline|expired"'
FAULTS = f'{ASKED}, code=~"5..", code!~"503|504"'


@dataclass(frozen=True, kw_only=True)
class Query:
    """PromQL, and what each of its series is called; `{{label}}` is the value of a label."""

    expr: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What is shown and how; `alarm` is the value from which it is red, `hidden` not a column."""

    title: str
    help: str
    queries: Sequence[Query]
    unit: str = "short"
    kind: Kind = "timeseries"
    width: int = 8
    height: int = 8
    stacked: bool = False
    alarm: float | None = None
    low_is_bad: bool = False
    hidden: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """Panels under one title, in reading order."""

    title: str
    panels: Sequence[Panel]


def rate(metric: str, where: str, by: str = "") -> str:
    """Write the sum of a counter's rates."""
    return f"sum{f' by ({by})' if by else ''} (rate(ganforge_{metric}{{{where}}}{RATE}))"


def ratio(part: str, whole: str) -> str:
    """Write a quotient."""
    return f"{part} / {whole}"


def mean(metric: str, where: str, by: str = "") -> str:
    """Write the mean of a histogram's observations."""
    return ratio(rate(f"{metric}_sum", where, by), rate(f"{metric}_count", where, by))


def quantiles(metric: str, where: str) -> list[Query]:
    """Ask for three quantiles of a histogram."""
    return [
        Query(expr=quantile(share, metric, where), name=f"p{share * 100:g}")
        for share in (0.5, 0.95, 0.99)
    ]


def quantile(share: float, metric: str, where: str, by: str = "le") -> str:
    """Write a quantile of a histogram."""
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', where, by)})"


def heat(metric: str, where: str) -> list[Query]:
    """Ask how many observations fell into each bucket."""
    name = f"ganforge_{metric}_bucket{{{where}}}"
    return [Query(expr=f"sum by (le) (increase({name}{RATE}))", name="{{le}}")]


def stat(title: str, text: str, expr: str, unit: str = "short", **more: float | bool) -> Panel:
    """Show one number."""
    queries = [Query(expr=expr)]
    return Panel(
        title=title,
        help=text,
        queries=queries,
        unit=unit,
        kind="stat",
        width=3,
        height=4,
        **more,  # type: ignore[arg-type]
    )


def or_zero(expr: str) -> str:
    """Write a value that is zero where there is none yet."""
    return f"({expr}) or vector(0)"


GLANCE = Row(
    title="At a glance",
    panels=[
        stat(
            "Ready",
            "1 while every instance says yes at /readyz.",
            f"min(ganforge_ready{{{HERE}}})",
            alarm=1,
            low_is_bad=True,
        ),
        stat(
            "Alerts",
            "Alerts that fire; docs/operating.md says what to do.",
            or_zero('count(ALERTS{alertname=~"Ganforge.*", alertstate="firing"})'),
            alarm=1,
        ),
        stat("Requests", "Of clients, without probes.", rate("requests_total", ASKED), "reqps"),
        stat("Images", "Images delivered.", rate("images_total", MODEL), "cps"),
        stat(
            "Errors",
            "Share of answers 5xx that are no refusals.",
            ratio(or_zero(rate("requests_total", FAULTS)), rate("requests_total", ASKED)),
            "percentunit",
            alarm=0.01,
        ),
        stat(
            "Refused",
            "Share of requests for which the queue was full, or that could not be made in time.",
            ratio(or_zero(rate("rejected_total", OVERLOAD)), rate("requests_total", ASKED)),
            "percentunit",
            alarm=0.05,
        ),
        stat(
            "p99",
            "One request in a hundred takes longer, from its head to the end of its answer.",
            quantile(0.99, "request_duration_seconds", ASKED),
            "s",
            alarm=1,
        ),
        stat(
            "Device busy",
            "Share of the time in which the device computes; 100 % for each worker.",
            rate("compute_seconds_sum", HERE),
            "percentunit",
        ),
    ],
)

REQUESTS = Row(
    title="Requests",
    panels=[
        Panel(
            title="By route",
            help="Requests answered, probes among them.",
            queries=[Query(expr=rate("requests_total", HERE, "route"), name="{{route}}")],
            unit="reqps",
            stacked=True,
        ),
        Panel(
            title="By code",
            help="499 is a client that left; 503 and 504 are refusals; other 5xx are faults.",
            queries=[Query(expr=rate("requests_total", ASKED, "code"), name="{{code}}")],
            unit="reqps",
            stacked=True,
        ),
        Panel(
            title="Refused, by reason",
            help="overloaded: the queue is full. deadline: it would be too late. expired: it was.",
            queries=[Query(expr=rate("rejected_total", HERE, "reason"), name="{{reason}}")],
            unit="reqps",
            stacked=True,
        ),
        Panel(
            title="Duration",
            help="From a request's head to the end of its answer, of all routes but the probes'.",
            queries=quantiles("request_duration_seconds", ASKED),
            unit="s",
        ),
        Panel(
            title="Duration p99, by route",
            help="One request in a hundred takes longer.",
            queries=[
                Query(
                    expr=quantile(0.99, "request_duration_seconds", ASKED, "route, le"),
                    name="{{route}}",
                )
            ],
            unit="s",
        ),
        Panel(
            title="In flight",
            help="Requests that are being answered.",
            queries=[
                Query(
                    expr=f"sum by (instance) (ganforge_in_flight_requests{{{HERE}}})",
                    name="{{instance}}",
                )
            ],
        ),
        Panel(
            title="Durations",
            help="How many requests took how long.",
            queries=heat("request_duration_seconds", ASKED),
            unit="s",
            kind="heatmap",
            width=24,
        ),
    ],
)

BATCHES = Row(
    title="Queue and batches",
    panels=[
        Panel(
            title="Images that wait",
            help="Beyond GANFORGE_QUEUE_IMAGES requests are refused with 503.",
            queries=[
                Query(
                    expr=f"sum by (instance) (ganforge_queue_images{{{HERE}}})",
                    name="{{instance}}",
                )
            ],
        ),
        Panel(
            title="Time in the queue",
            help="From when a request is accepted until its first batch is sealed.",
            queries=quantiles("queue_seconds", MODEL),
            unit="s",
        ),
        Panel(
            title="Images in a batch",
            help="The mean, by model; it grows with the load, up to GANFORGE_MAX_BATCH.",
            queries=[Query(expr=mean("batch_images", MODEL, "model"), name="{{model}}")],
        ),
        Panel(
            title="Batches, by reason",
            help="idle: the device was free and took what waited. full: no more would have fitted.",
            queries=[Query(expr=rate("batches_total", MODEL, "reason"), name="{{reason}}")],
            unit="ops",
            stacked=True,
        ),
        Panel(
            title="Padding",
            help="Share of the rows computed that only fill a batch's fixed size.",
            queries=[
                Query(
                    expr=ratio(
                        rate("padding_images_total", HERE),
                        f"({rate('padding_images_total', HERE)} + "
                        f"{rate('batch_images_sum', HERE)})",
                    ),
                    name="padding",
                )
            ],
            unit="percentunit",
        ),
        Panel(
            title="Waste",
            help="Images computed for clients that had left, and items given up, by stage.",
            queries=[
                Query(expr=rate("wasted_images_total", HERE), name="images computed for nobody"),
                Query(expr=rate("cancelled_total", HERE, "stage"), name="given up: {{stage}}"),
            ],
            unit="cps",
        ),
        Panel(
            title="Sizes of batches",
            help="How many batches had how many images.",
            queries=heat("batch_images", MODEL),
            kind="heatmap",
            width=24,
        ),
    ],
)

STACK = Row(
    title="Where a request's time goes",
    panels=[
        Panel(
            title="Queue, compute, encode",
            help="Means: until the first batch, a batch on the device, encoding an answer.",
            queries=[
                Query(expr=mean("queue_seconds", MODEL), name="queue"),
                Query(expr=mean("compute_seconds", MODEL), name="compute"),
                Query(expr=mean("encode_seconds", HERE), name="encode"),
            ],
            unit="s",
            width=12,
            stacked=True,
        ),
        Panel(
            title="Queue, compute, encode: p99",
            help="Of each the longest in a hundred; they need not fall on one request.",
            queries=[
                Query(expr=quantile(0.99, "queue_seconds", MODEL), name="queue"),
                Query(expr=quantile(0.99, "compute_seconds", MODEL), name="compute"),
                Query(expr=quantile(0.99, "encode_seconds", HERE), name="encode"),
            ],
            unit="s",
            width=12,
        ),
        Panel(
            title="Compute, by model",
            help="The mean time that the device takes for a batch.",
            queries=[Query(expr=mean("compute_seconds", MODEL, "model"), name="{{model}}")],
            unit="s",
            width=12,
        ),
        Panel(
            title="Encode, by format",
            help="The mean time that an answer's encoding takes.",
            queries=[Query(expr=mean("encode_seconds", HERE, "format"), name="{{format}}")],
            unit="s",
            width=12,
        ),
    ],
)

DEVICE = Row(
    title="Device and event loop",
    panels=[
        Panel(
            title="Device busy, by model",
            help="Share of the time that each model has of the device; all of a worker is 100 %.",
            queries=[Query(expr=rate("compute_seconds_sum", MODEL, "model"), name="{{model}}")],
            unit="percentunit",
            stacked=True,
        ),
        Panel(
            title="Device time an image",
            help="Falls as batches grow, until the device is full.",
            queries=[
                Query(
                    expr=ratio(
                        rate("compute_seconds_sum", MODEL, "model"),
                        rate("batch_images_sum", MODEL, "model"),
                    ),
                    name="{{model}}",
                )
            ],
            unit="s",
        ),
        Panel(
            title="Memory of the worker",
            help="resident: its process. allocated, reserved: on a GPU, by tensors and by PyTorch.",
            queries=[
                Query(
                    expr=f"sum by (instance, kind) (ganforge_device_memory_bytes{{{HERE}}})",
                    name="{{instance}} {{kind}}",
                )
            ],
            unit="bytes",
        ),
        Panel(
            title="Event loop's lag",
            help="How late HTTP's event loop comes round: every answer is late by about as much.",
            queries=quantiles("event_loop_lag_seconds", HERE),
            unit="s",
            width=12,
        ),
        Panel(
            title="Out of memory",
            help="Batches for which the device had no memory, and which were made in halves.",
            queries=[
                Query(
                    expr=f"sum by (instance) (increase(ganforge_oom_total{{{HERE}}}{RATE}))",
                    name="{{instance}}",
                )
            ],
            width=12,
        ),
    ],
)

MODELS = Row(
    title="Models",
    panels=[
        Panel(
            title="Images, by model",
            help="Images delivered.",
            queries=[Query(expr=rate("images_total", MODEL, "model"), name="{{model}}")],
            unit="cps",
            stacked=True,
        ),
        Panel(
            title="Time in the queue p99, by model",
            help="Models share the device fairly: a flood of one should not show in another.",
            queries=[
                Query(expr=quantile(0.99, "queue_seconds", MODEL, "model, le"), name="{{model}}")
            ],
            unit="s",
        ),
        Panel(
            title="Checkpoints read",
            help="ok: serves. refused: GET /readyz says why.",
            queries=[
                Query(
                    expr=f"sum by (result) (increase(ganforge_model_loads_total{{{HERE}}}{RATE}))",
                    name="{{result}}",
                )
            ],
        ),
        Panel(
            title="Models that serve",
            help="What has its file in a folder of models, with the digest of that file.",
            queries=[
                Query(
                    expr="max by (model, variant, dataset, device, digest) "
                    f"(ganforge_model_info{{{MODEL}}}) > 0"
                    f" and on (model) max by (model) (ganforge_model_ready{{{MODEL}}}) == 1"
                )
            ],
            kind="table",
            width=16,
            hidden=("Time", "Value"),
        ),
        Panel(
            title="Versions",
            help="What runs where.",
            queries=[
                Query(
                    expr="max by (instance, version, torch, python) "
                    f"(ganforge_build_info{{{HERE}}})"
                )
            ],
            kind="table",
            hidden=("Time", "Value"),
        ),
    ],
)

ROWS = (GLANCE, REQUESTS, BATCHES, STACK, DEVICE, MODELS)
