"""Table: an evaluation as aligned text for people, and as JSON for programs."""

import json

from models.card import Metric, ModelCard
from training.evaluate.judge import Judgement

HEAD = ("figure", "value", "floor", "protocol")


def table(judgement: Judgement) -> str:
    """Lay out the figures, how each was measured, and the share of each class."""
    rows = [HEAD, *(row(name, metric) for name, metric in judgement.metrics.items())]
    name, value, floor = (max(len(row[column]) for row in rows) for column in range(3))
    lines = [f"{a:{name}}  {b:>{value}}  {c:>{floor}}  {d}" for a, b, c, d in rows]
    return "\n".join([*lines, *shares(judgement)])


def row(name: str, metric: Metric) -> tuple[str, str, str, str]:
    floor = "-" if metric.floor is None else number(metric.floor)
    return name, number(metric.value), floor, metric.protocol


def number(value: float) -> str:
    """Write four decimals, or four digits of what is too small for them."""
    return f"{value:.4f}" if abs(value) >= 0.001 or value == 0 else f"{value:.3g}"


def shares(judgement: Judgement) -> list[str]:
    if not judgement.shares:
        return []
    width = max(map(len, judgement.shares))
    lines = [f"  {name:{width}}  {share:.4f}" for name, share in judgement.shares.items()]
    return ["share of each class seen", *lines]


def as_json(card: ModelCard, digest: str, judgement: Judgement) -> str:
    """Write the model's name and digest, the figures and the shares as one JSON object."""
    metrics = {name: metric.model_dump() for name, metric in judgement.metrics.items()}
    shares = dict(judgement.shares)
    whole = {"model": card.name, "digest": digest, "metrics": metrics, "shares": shares}
    return json.dumps(whole, indent=2)
