"""The rate counts images, not batches, and all the time in which there was work."""

import pytest

from service.engine.rate import Rate


def test_nothing_is_known_at_first() -> None:
    assert Rate().seconds_per_image == 0


def test_a_batch_counts_by_its_images() -> None:
    rate, now = Rate(), 10.0
    rate.begin(now)
    for _ in range(200):  # in turn: 64 images in 1 s, 1 image in 1 s
        for images in (64, 1):
            now += 1
            rate.note(images, now)
    assert rate.seconds_per_image == pytest.approx(2 / 65, rel=0.1)


def test_what_passes_between_two_batches_counts_but_not_idle_time() -> None:
    rate = Rate()
    rate.begin(0)
    rate.note(10, 1)
    rate.note(10, 4)
    assert rate.seconds_per_image == pytest.approx(4 / 20, rel=0.1)
    known = rate.seconds_per_image
    rate.begin(1000)
    rate.note(10, 1002)
    assert rate.seconds_per_image == pytest.approx(known, rel=0.1)


def test_it_follows_a_device_that_becomes_slower() -> None:
    rate, now = Rate(), 0.0
    rate.begin(now)
    for seconds in [0.1] * 100 + [1.0] * 100:
        now += seconds
        rate.note(10, now)
    assert rate.seconds_per_image == pytest.approx(0.1, rel=0.05)
