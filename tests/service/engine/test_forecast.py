"""The forecast, by a clock that stands still until a test moves it."""

import math
from types import SimpleNamespace

import pytest

from service.engine.forecast import Forecast
from service.engine.policy import Batch, Item, Part
from tests.service.engine.test_late import Clock, a_second_each


def known(clock: Clock) -> Forecast:
    """Make a forecast that expects a second of an image."""
    return Forecast(clock, a_second_each, 4)


def batch(*items: tuple[int, int, float]) -> Batch:
    """Make a batch of (size of an item, images of it here, when it is due)."""
    parts = [
        Part(Item("a", None, size, context=SimpleNamespace(due=due)), 0, here)
        for size, here, due in items
    ]
    return Batch("a", tuple(parts), sum(here for _, here, _ in items))


def test_an_idle_device_makes_nobody_wait_and_a_busy_one_for_what_it_has_left() -> None:
    clock = Clock()
    forecast = known(clock)
    assert (forecast.busy(), forecast.cleared(), forecast.wait("a", 5)) == (0, 0, 5)
    forecast.queue("a", 3)
    assert forecast.wait("a", 5) == pytest.approx(8)
    forecast.begin()
    sent = forecast.send(batch((4, 4, math.inf)))
    clock.now += 1
    assert forecast.busy() == pytest.approx(3)
    assert forecast.cleared() == pytest.approx(6)
    assert forecast.wait("a", 5) == pytest.approx(11)
    clock.now += 60  # it takes longer than it should
    assert forecast.busy() == 0
    forecast.forget(sent)
    forecast.queue("a", -3)
    assert (forecast.cleared(), forecast.wait("a", 5)) == (0, 5)


def test_each_lane_has_its_own_time_and_a_long_queue_that_of_full_batches() -> None:
    forecast = Forecast(Clock(), lambda lane, images: {"a": 1, "b": 10}[lane] + images, 4)
    forecast.queue("a", 8)  # two batches of 1 + 4
    assert forecast.cleared() == pytest.approx(10)
    forecast.queue("b", 8)  # two of 10 + 4
    assert forecast.cleared() == pytest.approx(38)
    forecast.queue("b", -4)
    assert forecast.cleared() == pytest.approx(24)


def test_what_takes_longer_than_it_should_is_expected_to() -> None:
    clock = Clock()
    forecast = known(clock)
    forecast.begin()
    for _ in range(200):
        clock.now += 8
        forecast.note(batch((4, 4, math.inf)))
    assert forecast.seconds("a", 3) == pytest.approx(6, rel=0.01)


def test_an_item_is_late_by_all_that_is_left_of_it_not_by_its_part_of_a_batch() -> None:
    clock = Clock()
    forecast = known(clock)
    both = batch((8, 2, clock.now + 7), (8, 2, clock.now + 9))
    assert forecast.late(both) == [(both.parts[0].item, clock.now + 8)]


def test_what_would_make_those_before_it_too_late_is_left_out() -> None:
    clock = Clock()
    forecast = known(clock)
    three = batch((1, 1, clock.now + 2.5), (1, 1, math.inf), (1, 1, math.inf))
    assert forecast.timely(three).size == 2
    assert forecast.timely(batch((3, 3, clock.now + 2.5))).size == 3, "the first always goes"
