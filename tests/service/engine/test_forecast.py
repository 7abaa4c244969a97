"""The forecast, by a clock that stands still until a test moves it."""

import math
from types import SimpleNamespace

import pytest

from service.engine.forecast import Forecast
from service.engine.policy import Batch, Item, Part
from tests.service.engine.test_late import Clock


def known(clock: Clock) -> Forecast:
    """Make a forecast that knows that an image takes a second."""
    forecast = Forecast(clock)
    forecast.begin()
    forecast.send(10)
    clock.now += 10
    forecast.note(10)
    forecast.forget(10)
    return forecast


def batch(*items: tuple[int, int, float]) -> Batch:
    """Make a batch of (size of an item, images of it here, when it is due)."""
    parts = [
        Part(Item("a", None, size, context=SimpleNamespace(due=due)), 0, here)
        for size, here, due in items
    ]
    return Batch("a", tuple(parts), sum(here for _, here, _ in items))


def test_nothing_is_said_of_a_device_that_was_never_busy() -> None:
    forecast = Forecast(Clock())
    assert (forecast.seconds(100), forecast.busy(), forecast.wait(100, 0)) == (0, 0, 0)


def test_an_idle_device_makes_nobody_wait_and_a_busy_one_for_what_it_has_left() -> None:
    clock = Clock()
    forecast = known(clock)
    assert forecast.wait(5, 0) == 0
    assert forecast.wait(5, 3) == pytest.approx(8)
    forecast.send(4)
    clock.now += 1
    assert forecast.busy() == pytest.approx(3)
    assert forecast.wait(5, 3) == pytest.approx(11)
    clock.now += 60  # it takes longer than it ever did
    assert forecast.busy() == 0


def test_an_item_is_late_by_all_that_is_left_of_it_not_by_its_part_of_a_batch() -> None:
    clock = Clock()
    forecast = known(clock)
    both = batch((8, 2, clock.now + 7), (8, 2, clock.now + 9))
    assert forecast.late(both) == [both.parts[0].item]


def test_what_would_make_those_before_it_too_late_is_left_out() -> None:
    clock = Clock()
    forecast = known(clock)
    three = batch((1, 1, clock.now + 2.5), (1, 1, math.inf), (1, 1, math.inf))
    assert forecast.timely(three).size == 2
    assert forecast.timely(batch((3, 3, clock.now + 2.5))).size == 3, "the first always goes"
