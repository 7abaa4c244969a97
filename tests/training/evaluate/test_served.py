from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from models import latents
from models.checkpoint import Checkpoint
from models.pixels import quantise
from tests.training.evaluate.puppets import drawn_by_class, examples
from training.data import DataSet
from training.evaluate import TrainedClassifier
from training.evaluate.served import BATCH, drawn_classes, seeds_from, served


@pytest.fixture(scope="module")
def images(digits: DataSet, trained: TrainedClassifier) -> Tensor:
    return examples(digits, trained)


@pytest.fixture
def model(tmp_path: Path, images: Tensor) -> Checkpoint:
    return drawn_by_class(tmp_path / "right.safetensors", images, tuple("0123456789"))


def test_images_are_those_of_the_service(model: Checkpoint, images: Tensor) -> None:
    found = served(model.generator, np.array([3, 9]), np.array([5, 2]))
    z = torch.from_numpy(latents.normal(np.array([3, 9]), model.card.latent.dimension))
    made = model.generator(z, model.generator.embed(torch.tensor([5, 2])))
    assert found.dtype == torch.uint8
    assert np.array_equal(found.permute(0, 2, 3, 1).numpy(), quantise(made))
    assert (found.int() - images[[5, 2]].int()).abs().max() <= 2


def test_batches_are_joined_in_order(model: Checkpoint, images: Tensor) -> None:
    seeds = seeds_from(7, BATCH + 3)
    found = served(model.generator, seeds, seeds % 10)
    assert (found.int() - images[seeds % 10].int()).abs().max() <= 2


def test_classes_are_drawn_as_the_service_draws_them(model: Checkpoint) -> None:
    drawn = drawn_classes(model.generator, seeds_from(0, 50))
    assert drawn is not None
    assert drawn.tolist() == latents.classes(np.arange(50), 10).tolist()


def test_the_mode_of_the_generator_is_left_as_it_was(model: Checkpoint) -> None:
    calm = served(model.generator, seeds_from(0, 4), np.arange(4))
    generator = model.generator.train()
    assert torch.equal(served(generator, seeds_from(0, 4), np.arange(4)), calm)
    assert all(module.training for module in generator.modules())
