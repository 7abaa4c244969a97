"""The bundled models make the images that `python -m tests.service.golden` recorded."""

from collections.abc import Mapping

import numpy as np
import pytest

from models.pixels import Pixels
from service.settings import ZOO
from tests.service import golden

NAMES = sorted(path.stem for path in ZOO.glob("*.safetensors"))


@pytest.fixture(scope="module")
def made() -> Mapping[str, Pixels]:
    return golden.made()


def test_04_the_recorded_images_are_of_the_bundled_weights(made: Mapping[str, Pixels]) -> None:
    assert sorted(key.partition("@")[0] for key in made) == NAMES
    assert golden.recorded().keys() == made.keys(), "`python -m tests.service.golden` records them"


@pytest.mark.parametrize("name", NAMES)
def test_04_a_bundled_model_makes_the_recorded_images(
    name: str, made: Mapping[str, Pixels]
) -> None:
    """Another processor may round another way: one grey level, in one pixel of a hundred."""
    [(key, images)] = [item for item in made.items() if item[0].startswith(f"{name}@")]
    expected = golden.recorded()[key]
    assert (images.shape, len(images)) == (expected.shape, golden.SEEDS)
    gap = abs(images.astype(np.int16) - expected)
    assert gap.max() <= 1
    assert (gap > 0).mean() <= 0.01
