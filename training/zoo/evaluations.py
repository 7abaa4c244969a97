"""Evaluations: the figures of a run's checkpoints, kept in its folder by the file's digest."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from models import checkpoint
from models.card import Metric
from training.evaluate.commands import moved
from training.evaluate.evaluation import evaluate_all
from training.evaluate.judge import Judgement
from training.evaluate.protocols import protocol
from training.evaluate.real import load_real
from training.evaluate.subject import gather
from training.evaluate.view import View
from training.zoo import records

FILE = "evaluation.json"
SAMPLES = 10_000


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def find(path: Path) -> Judgement | None:
    """Return what is known of exactly this file."""
    kept = records.get(path.parent / FILE, {}).get(digest(path))
    return None if kept is None else parse(kept)


def parse(kept: Any) -> Judgement:
    metrics = {name: Metric.model_validate(value) for name, value in kept["metrics"].items()}
    return Judgement(metrics=metrics, shares=kept["shares"])


def evaluate(path: Path, data: str, root: Path | None, views: Sequence[View]) -> Judgement:
    """Measure a checkpoint, unless this was done before. `views`: the data's own, then others."""
    known = find(path)
    if known is not None:
        return known
    view, *others = views
    model = moved(checkpoint.load(path), view.device)
    real = load_real(data, model.card.image, root)
    judgement = evaluate_all(gather(model, view, real, SAMPLES), protocol(data), others)
    keep(path, model.digest, judgement)
    return judgement


def keep(path: Path, digest: str, judgement: Judgement) -> None:
    """Add an evaluation to those of the folder."""
    file = path.parent / FILE
    metrics = {name: metric.model_dump() for name, metric in judgement.metrics.items()}
    entry = {"file": path.name, "metrics": metrics, "shares": dict(judgement.shares)}
    records.put(file, {**records.get(file, {}), digest: entry})
