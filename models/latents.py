"""Seeds to random numbers: the same seed gives the same row, alone or in any batch.

Counter-based (SplitMix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
generators", Figure 16): word i of a seed depends on that seed and i alone, and all words of all
seeds are computed together by numpy. A card carries `SCHEME`, so that a file made under another
mapping is refused, not drawn differently.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

SCHEME = "splitmix64/1"
SEED_LIMIT = 2**53  # every seed is exact in JSON, whose numbers are doubles

Seeds = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
SHIFT = (np.uint64(30), np.uint64(27), np.uint64(31))


class Stream(IntEnum):
    """What a number is for: each use of a seed has a sequence of its own."""

    LATENT = 1
    CLASS = 2
    CODE = 3


def mix(words: Words) -> Words:
    """Scramble each 64-bit word: a bijection with good avalanche."""
    words = (words ^ (words >> SHIFT[0])) * MIX[0]
    words = (words ^ (words >> SHIFT[1])) * MIX[1]
    return words ^ (words >> SHIFT[2])


def sequence(keys: Words, length: int) -> Words:
    """Draw the first words of SplitMix64 started at each key: (n,) to (n, length)."""
    counters = np.arange(1, length + 1, dtype=np.uint64) * GOLDEN
    return mix(keys[:, None] + counters)


def words(seeds: Seeds, length: int, stream: Stream) -> Words:
    """Draw words for one use of these seeds: (n,) to (n, length).

    The seed is scrambled before it becomes a key, so that neighbours share no part of a sequence.
    """
    return sequence(mix(seeds.astype(np.uint64) * np.uint64(8) + np.uint64(stream)), length)


def uniform(words: Words) -> npt.NDArray[np.float32]:
    """Map the upper 24 bits of each word to (0, 1]."""
    return ((words >> np.uint64(40)).astype(np.float32) + np.float32(1)) * np.float32(2.0**-24)


def normal(seeds: Seeds, dimension: int) -> npt.NDArray[np.float32]:
    """Draw the latents of these seeds: (n,) int64 to (n, dimension) float32, each N(0, 1).

    Box and Muller 1958: two uniforms, from the two halves of a word, make two normals.
    """
    drawn = words(seeds, -(-dimension // 2), Stream.LATENT)
    radius = np.sqrt(np.float32(-2) * np.log(uniform(drawn)))
    angle = np.float32(2 * np.pi) * uniform(drawn << np.uint64(32))
    z = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return z[:, :dimension]


def classes(seeds: Seeds, count: int) -> npt.NDArray[np.int64]:
    """Draw one class of `count` for each seed: (n,) int64 to (n,) int64, uniform."""
    return choose(words(seeds, 1, Stream.CLASS)[:, 0], count)


def codes(seeds: Seeds, categorical: Sequence[int], continuous: int) -> npt.NDArray[np.float32]:
    """Draw the codes of these seeds: (n,) to (n, sum(categorical) + continuous).

    Each categorical code is one-hot over its values, all alike; each continuous one is U(-1, 1)
    (InfoGAN: Chen et al. 2016, §7.2).
    """
    drawn = words(seeds, len(categorical) + continuous, Stream.CODE)
    columns = [one_hot(drawn[:, place], count) for place, count in enumerate(categorical)]
    wide = uniform(drawn[:, len(categorical) :]) * np.float32(2) - np.float32(1)
    return np.concatenate([*columns, wide], axis=1)


def one_hot(words: Words, count: int) -> npt.NDArray[np.float32]:
    """Choose one of `count` values by each word: (n,) to (n, count)."""
    return np.eye(count, dtype=np.float32)[choose(words, count)]


def choose(words: Words, count: int) -> npt.NDArray[np.int64]:
    """Map each word to one of `count` values, by its upper 24 bits: (n,) to (n,) int64."""
    return ((words >> np.uint64(40)) * np.uint64(count) >> np.uint64(24)).astype(np.int64)
