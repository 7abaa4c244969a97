"""Table: rows of words, aligned: the first column to the left, the others to the right."""

import math
from collections.abc import Sequence


def layout(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows of the same length out, one a line."""
    widths = [max(len(word) for word in column) for column in zip(*rows, strict=True)]
    return "\n".join(line(row, widths) for row in rows)


def line(row: Sequence[str], widths: Sequence[int]) -> str:
    """Lay one row out."""
    first, *others = row
    cells = [first.ljust(widths[0])]
    cells += [word.rjust(width) for word, width in zip(others, widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def number(value: float) -> str:
    """Write a figure with as many digits as it deserves; one that there is not is a dash."""
    if not math.isfinite(value):
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 2 if value >= 1 else 3
    return f"{value:.{digits}f}"


def times(value: float, base: float) -> str:
    """Say how often `base` goes into `value`: 3.21x."""
    return f"{value / base:.2f}x" if base else "-"
