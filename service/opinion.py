"""Opinion: from the outputs of a discriminator's heads to what they say of an image."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.card import HEADS, Codes, ModelCard, Verdict

Floats = npt.NDArray[np.floating[Any]]
DIGITS = 6


def opinion(card: ModelCard, row: Floats) -> dict[str, Any]:
    """Say what the outputs of all heads beside one another (width,) mean."""
    heads = split(card, row.astype(np.float64))
    said: dict[str, Any] = {}
    if card.verdict is not None:
        value = realness(card.verdict, heads[HEADS[card.verdict]])
        said["realness"] = {"kind": card.verdict, "value": rounded(value)}
    if "classes" in heads:
        shares = softmax(heads["classes"]).tolist()
        names = card.head_names or map(str, range(len(shares)))
        said["classes"] = {n: rounded(p) for n, p in zip(names, shares, strict=True)}
    if "codes" in heads and card.codes is not None:
        said["codes"] = codes(card.codes, heads["codes"])
    return said


def split(card: ModelCard, row: Floats) -> Mapping[str, Floats]:
    """Take the outputs of the heads apart, in the order in which the network has them."""
    assert card.discriminator is not None, "the route asks only a model that has one"
    widths: Mapping[str, int] = card.discriminator.arguments["heads"]
    ends = np.cumsum(list(widths.values()))
    return dict(zip(widths, np.split(row, ends[:-1]), strict=True))


def realness(verdict: Verdict, head: Floats) -> float:
    """Return the verdict that a head (width,) comes to; `models.card.Verdict` says what it is."""
    match verdict:
        case "probability":
            return float(sigmoid(head[0]))
        case "classes":
            return float(sigmoid(np.logaddexp.reduce(head)))
        case "certainty":
            p = softmax(head)
            entropy = -(p * np.log(np.maximum(p, np.finfo(p.dtype).tiny))).sum()
            return float(1 - entropy / np.log(len(p)))
    return float(head[0])


def codes(kinds: Codes, head: Floats) -> dict[str, Any]:
    """Return Q's probabilities of each categorical code and its means of the continuous ones."""
    *logits, means = np.split(head, np.cumsum(kinds.categorical))
    return {
        "categorical": [[rounded(p) for p in softmax(part)] for part in logits],
        "continuous": [rounded(mean) for mean in means],
    }


def sigmoid(x: Any) -> Any:
    return np.exp(-np.logaddexp(0, -x))


def softmax(logits: Floats) -> Floats:
    """Turn logits (K,) into probabilities."""
    raised = np.exp(logits - logits.max())
    return raised / raised.sum()


def rounded(value: float) -> float:
    """Keep the digits that mean something: float32 has seven."""
    return float(f"{value:.{DIGITS}g}")
