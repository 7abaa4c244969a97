"""The bench of few labels, on digits: each kind of row learns, and is asked the right head."""

import dataclasses

import pytest

from bench.semi_supervised import TRIALS, measure
from training.data import load

SMALL = {
    "generator_width": 16,
    "discriminator_width": 64,
    "generator_hidden": 32,
    "discriminator_hidden": 32,
}


@pytest.mark.parametrize(
    ("name", "epochs", "most"),
    [
        ("its classifier alone, 100 labels", 6, 0.5),
        ("sgan, 100 labels", 6, 0.5),
        ("infogan, no labels", 1, 0.95),
    ],
)
def test_a_row_is_better_than_chance(name: str, epochs: int, most: float) -> None:
    trial = TRIALS[name]
    small = dataclasses.replace(trial, hyper={**trial.hyper, **SMALL})
    data, test = load("digits"), load("digits", split="test")
    assert 0 < measure(small, data, test, 0, epochs, {}) < most
