import math

import pytest

from bench.quantile import quantile


@pytest.mark.parametrize(
    ("share", "value"), [(0, 1), (0.5, 5), (0.51, 6), (0.99, 10), (0.9, 9), (1, 10)]
)
def test_so_many_are_no_larger(share: float, value: float) -> None:
    assert quantile(range(10, 0, -1), share) == value


def test_of_nothing_there_is_none() -> None:
    assert math.isnan(quantile([], 0.5))
