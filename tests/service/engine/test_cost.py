"""What batches cost is measured for one image and a full batch, and lies on a line between."""

import pytest

from service.engine.cost import Cost
from tests.service.engine.test_late import Clock

COST = Cost(one=1.0, full=4.0, capacity=16)


@pytest.mark.parametrize(
    ("images", "seconds"), [(0, 0), (1, 1), (6, 2), (16, 4), (17, 5), (32, 8), (54, 14)]
)
def test_what_images_take_by_hand(images: int, seconds: float) -> None:
    assert COST.seconds(images) == pytest.approx(seconds)


def test_one_image_may_be_a_full_batch() -> None:
    assert Cost(one=2.0, full=2.0, capacity=1).seconds(3) == 6


def test_the_quicker_try_counts() -> None:
    clock = Clock()
    asked: list[int] = []

    def compute(images: int) -> None:
        asked.append(images)
        clock.now += 100 if asked.count(images) == 1 else 2 + images  # at first others have it

    assert Cost.measure(compute, 8, clock) == Cost(one=3, full=10, capacity=8)
    assert asked == [1, 1, 8, 8]
