from pathlib import Path

import numpy as np
import pytest
import torch

from bench import untrained
from models import checkpoint
from models.pixels import quantise
from service.settings import ZOO


@pytest.mark.parametrize("name", ["acgan", "dcgan", "gan"])
def test_a_model_of_another_size_makes_images_that_differ(name: str, tmp_path: Path) -> None:
    found = checkpoint.load(untrained.write(ZOO / f"{name}.safetensors", 48, tmp_path))
    generator, seeds = found.generator, np.arange(2)
    with torch.inference_mode():
        condition = generator.embed(torch.from_numpy(seeds)) if generator.classes else None
        one, other = quantise(generator(torch.from_numpy(generator.latents(seeds)), condition))
    assert one.shape == (48, 48, 1)
    assert one.std() > 1
    assert not np.array_equal(one, other)
