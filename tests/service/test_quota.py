"""Quota: a bucket of a minute's images, on a clock of our own."""

import pytest

from service.quota import Quota


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_images_are_given_and_then_as_many_as_time_allows() -> None:
    clock = Clock()
    quota = Quota(60, clock)
    for _ in range(6):
        assert quota.wait("alice", 10) == 0
        quota.charge("alice", 10)
    assert quota.wait("alice", 10) == pytest.approx(10)
    assert quota.wait("alice", 1) == pytest.approx(1)
    assert quota.wait("bob", 60) == 0, "each has a bucket of their own"
    clock.now += 9.9
    assert quota.wait("alice", 10) == pytest.approx(0.1)
    clock.now += 0.2
    assert quota.wait("alice", 10) == 0
    clock.now += 3600
    quota.charge("alice", 60)
    assert quota.wait("alice", 1) == pytest.approx(1), "an hour fills no more than a minute does"


def test_more_than_a_minutes_images_are_given_to_a_full_bucket_and_paid_for() -> None:
    clock = Clock()
    quota = Quota(60, clock)
    assert quota.wait("alice", 180) == 0
    quota.charge("alice", 180)
    assert quota.wait("alice", 1) == pytest.approx(121)
    clock.now += 121.1
    assert quota.wait("alice", 1) == 0


def test_none_is_without_limit() -> None:
    quota = Quota(0, Clock())
    quota.charge("alice", 10**9)
    assert quota.wait("alice", 10**9) == 0
