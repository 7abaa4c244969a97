import math
from dataclasses import replace

import pytest

from bench.client import Answer
from bench.load import Asked, Load, goodput, judge, orders

LOAD = Load(model="acgan", images=1, rate=math.inf, seconds=1, connections=1)


def test_only_a_load_with_a_deadline_says_so() -> None:
    assert b"X-Deadline-Ms" not in next(orders(LOAD)).request
    assert b"\r\nX-Deadline-Ms: 50\r\n" in next(orders(replace(LOAD, deadline=50))).request


@pytest.mark.parametrize(("deadline", "wrong"), [(50, False), (None, True)])
def test_only_who_gave_a_deadline_may_be_answered_too_late(
    deadline: int | None, wrong: bool
) -> None:
    assert bool(judge(Answer(504, b"HTTP/1.1 504", b""), deadline)) == wrong


def test_goodput_counts_images_until_the_last_has_come() -> None:
    assert goodput([Asked(0, 1, 200), Asked(1, 3, 200), Asked(2, 9, 503, retry_after=1)]) == 0.5
    assert goodput([Asked(2, 9, 503, retry_after=1)]) == 0
