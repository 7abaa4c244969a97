"""Quantile: the value that so many of all values do not exceed."""

import math
from collections.abc import Iterable


def quantile(values: Iterable[float], share: float) -> float:
    """Take the least value that at least this share does not exceed; nan where there is none."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1] if ordered else math.nan
