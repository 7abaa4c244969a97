"""Seeds to numbers: known answers, independence of company, and the law."""

import numpy as np
import pytest
from scipy import stats

from models import latents

PINNED = [
    [0.506387, -1.401886, -0.565338],
    [0.347167, -0.049086, 0.480414],
    [2.653707, 0.159681, 0.089096],
]
DRAWN = [2, 1, 8, 4, 4, 5, 9, 0, 7, 3, 1, 4]


def test_sequence_is_splitmix64() -> None:
    """The first words of seed 1234567, as published with the reference implementation."""
    found = latents.sequence(np.array([1234567], np.uint64), 3)
    assert found.tolist() == [[6457827717110365317, 3203168211198807973, 9817491932198370423]]


def test_scheme_is_pinned() -> None:
    """Whoever changes these numbers has to name a new scheme, or old seeds change their image."""
    assert latents.SCHEME == "splitmix64/1"
    z = latents.normal(np.array([0, 7, latents.SEED_LIMIT - 1]), 3)
    assert z == pytest.approx(np.array(PINNED), abs=1e-5)
    assert latents.classes(np.arange(12), 10).tolist() == DRAWN


def test_a_row_depends_on_its_seed_alone() -> None:
    together = latents.normal(np.arange(1000), 64)
    for seed in (0, 1, 500, 999):
        assert (latents.normal(np.array([seed]), 64)[0] == together[seed]).all()
    shuffled = np.random.default_rng(0).permutation(1000)
    assert (latents.normal(shuffled, 64) == together[shuffled]).all()


def test_a_longer_latent_is_another_draw_of_the_same_size() -> None:
    for dimension in (1, 2, 5, 64, 100):
        assert latents.normal(np.arange(3), dimension).shape == (3, dimension)
        assert latents.normal(np.arange(3), dimension).dtype == np.float32


def test_latents_are_standard_normal_and_uncorrelated() -> None:
    z = latents.normal(np.arange(40_000), 16)
    for column in z.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4
    correlation = np.corrcoef(z.T) - np.eye(16)
    assert abs(correlation).max() < 5 / np.sqrt(40_000)
    neighbours = np.corrcoef(z[:-1].ravel(), z[1:].ravel())[0, 1]
    assert abs(neighbours) < 5 / np.sqrt(40_000 * 16)


def test_classes_are_uniform_and_reach_the_last() -> None:
    """A published collection never drew its last class."""
    counts = np.bincount(latents.classes(np.arange(20_000), 10), minlength=10)
    assert len(counts) == 10
    assert stats.chisquare(counts).pvalue > 1e-4
    assert set(latents.classes(np.arange(100), 1)) == {0}


def test_codes_are_one_hot_and_uniform_and_a_row_is_its_seeds_alone() -> None:
    codes = latents.codes(np.arange(20_000), (3, 10), 2)
    assert codes.shape == (20_000, 15)
    assert codes.dtype == np.float32
    for part in (codes[:, :3], codes[:, 3:13]):
        assert ((part == 0) | (part == 1)).all()
        assert (part.sum(1) == 1).all()
        assert np.allclose(part.mean(0), 1 / part.shape[1], atol=0.02)
    wide = codes[:, 13:]
    assert wide.min() > -1
    assert wide.max() <= 1
    assert np.allclose(wide.mean(0), 0, atol=0.02)
    assert np.allclose(wide.var(0), 1 / 3, atol=0.01)
    assert abs(np.corrcoef(codes[:, [0, 3, 13, 14]].T) - np.eye(4)).max() < 0.03
    assert (latents.codes(np.array([77]), (3, 10), 2)[0] == codes[77]).all()
