import math

import pytest

from bench.table import layout, number, times


def test_first_column_is_left_and_the_others_are_right() -> None:
    rows = [("", "req/s"), ("ours", "12345"), ("litserve", "7")]
    assert layout(rows).splitlines() == [
        "          req/s",
        "ours      12345",
        "litserve      7",
    ]


@pytest.mark.parametrize(
    ("value", "base", "said"), [(30, 10, "3.00x"), (5, 10, "0.50x"), (5, 0, "-")]
)
def test_times_says_how_often_the_base_goes_into_the_value(
    value: float, base: float, said: str
) -> None:
    assert times(value, base) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(4321.5, "4322"), (64.0, "64"), (12.345, "12.35"), (0.0616, "0.062"), (math.nan, "-")],
)
def test_a_figure_has_the_digits_that_it_deserves(value: float, said: str) -> None:
    assert number(value) == said
