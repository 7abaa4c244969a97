"""The geometry of paths."""

import numpy as np
import pytest

from models import latents
from service.paths import Doubles, lerp, slerp, stops
from service.schemas import InterpolateRequest


def test_slerp_keeps_to_the_arc() -> None:
    a, b = np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32)
    half = slerp(a, b, np.array([0.5]))
    assert half[0] == pytest.approx([np.sqrt(0.5), np.sqrt(0.5)])
    third = slerp(a, b, np.array([1 / 3]))
    assert third[0] == pytest.approx([np.cos(np.pi / 6), np.sin(np.pi / 6)])


def test_slerp_keeps_the_length_of_a_draw_and_lerp_does_not() -> None:
    z = latents.normal(np.arange(200), 64)
    share = np.full(100, 0.5)
    expected = np.linalg.norm(z, axis=1).mean()
    assert np.linalg.norm(slerp(z[:100], z[100:], share), axis=1).mean() == pytest.approx(
        expected, rel=0.02
    )
    assert np.linalg.norm(lerp(z[:100], z[100:], share), axis=1).mean() < 0.8 * expected


def test_slerp_between_equal_and_between_opposite_points_is_a_number() -> None:
    a = latents.normal(np.arange(2), 8)
    share = np.array([0.25, 0.25])
    assert slerp(a, a, share) == pytest.approx(a)
    assert np.isfinite(slerp(a, -a, share)).all()


def test_stops() -> None:
    assert stops(2, 3, loop=False).tolist() == [0, 0.5, 1]
    assert stops(2, 4, loop=True).tolist() == [0, 0.5, 1, 1.5]


@pytest.mark.parametrize("keyframes", [2, 3, 4, 7, 64])
def test_which_keyframes_are_among_the_stops(keyframes: int) -> None:
    for steps in range(2, 200):
        way, loop = stops(keyframes, steps, loop=False), stops(keyframes, steps, loop=True)
        assert (way[0], way[-1], loop[0]) == (0, keyframes - 1, 0)
        assert all_are_in(way, keyframes) == ((steps - 1) % (keyframes - 1) == 0)
        assert all_are_in(loop, keyframes) == (steps % keyframes == 0)


def all_are_in(places: Doubles, keyframes: int) -> bool:
    gaps = abs(places[:, None] - np.arange(keyframes)).min(axis=0)
    return bool((gaps < 1e-9).all())


def test_the_description_of_steps_says_which_keyframes_these_are() -> None:
    told = InterpolateRequest.model_fields["steps"].description
    assert told is not None
    assert "the first and the last keyframe are among them" in told
    assert "where steps - 1 is a multiple of keyframes - 1." in told
    assert "Of a loop the first is, and the others all are where steps is a multiple" in told
