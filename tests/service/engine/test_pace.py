"""The pace is by what was expected, and counts all the time in which there was work."""

import pytest

from service.engine.pace import Pace


def test_at_first_what_is_expected_is_believed() -> None:
    assert Pace().factor == 1


def test_a_batch_counts_by_what_it_should_take() -> None:
    pace, now = Pace(), 10.0
    pace.begin(now)
    for _ in range(200):  # in turn: one that takes twice as long, and a small one that takes a lot
        for expected, took in ((1.0, 2.0), (0.01, 0.1)):
            now += took
            pace.note(expected, now)
    assert pace.factor == pytest.approx(2.1 / 1.01, rel=0.01)


def test_what_passes_between_two_batches_counts_but_not_idle_time() -> None:
    pace = Pace()
    pace.begin(0)
    for now in range(3, 300, 3):
        pace.note(1.0, now)
    known = pace.factor
    assert known == pytest.approx(3, rel=0.01)
    pace.begin(1000)
    pace.note(1.0, 1003)
    assert pace.factor == pytest.approx(known, rel=0.01)


def test_it_follows_a_device_that_becomes_slower() -> None:
    pace, now = Pace(), 0.0
    pace.begin(now)
    for seconds in [0.1] * 100 + [1.0] * 100:
        now += seconds
        pace.note(0.1, now)
    assert pace.factor == pytest.approx(10, rel=0.05)


def test_a_slow_first_image_does_not_tell_of_full_batches() -> None:
    """One that takes ten times what it should is not a tenth of the time that is trusted."""
    pace = Pace()
    pace.begin(0)
    pace.note(0.003, 0.03)
    assert pace.factor < 1.1


def test_doubt_ends_at_what_is_expected_and_leaves_a_quick_device_alone() -> None:
    for took, end in ((8.0, 1.0), (0.5, 0.5)):
        pace = Pace()
        pace.begin(0)
        for now in range(1, 200):
            pace.note(1.0, now * took)
        slow = pace.factor
        pace.doubt()
        assert pace.factor == pytest.approx((slow + end) / 2, rel=0.01)
        for _ in range(30):
            pace.doubt()
        assert pace.factor == pytest.approx(end, rel=0.01)
