"""Conditional LSGAN: Mao et al. 2016, §4.2."""

import pytest
import torch

from tests.training.variants.rigged import Looks, Make, batch, bounds, defaults, rig, values
from training import variants
from training.variant import Task

SAYS = {0.1: 0.5, 0.2: 2.0, 0.3: -1.0, 0.4: 3.0}
ANSWERS = {grey: {"realness": output} for grey, output in SAYS.items()}


@pytest.mark.parametrize(
    ("targets", "real", "fake", "fool"),
    [  # halves of the mean square of (.5, 2) - b, of (-1, 3) - a and of (-1, 3) - c
        ({}, (0.25 + 1) / 4, (1 + 9) / 4, (4 + 4) / 4),
        ({"a": -1, "b": 1, "c": 0}, (0.25 + 1) / 4, (0 + 16) / 4, (1 + 9) / 4),
        ({"a": 2, "b": 3, "c": 4}, (6.25 + 1) / 4, (9 + 1) / 4, (25 + 1) / 4),
    ],
)
def test_by_hand(
    make: Make, targets: dict[str, float], real: float, fake: float, fool: float
) -> None:
    variant = rig(make, "clsgan", Looks(ANSWERS), (0.3, 0.4), **targets)
    pair = batch(0.1, 0.2, labels=(0, 1))
    assert values(variant.discriminator_loss(pair)) == pytest.approx({"real": real, "fake": fake})
    assert values(variant.generator_loss(pair)) == pytest.approx({"fool": fool})


def test_the_datas_labels_are_given_to_both_networks_in_both_steps(make: Make) -> None:
    variant = rig(make, "clsgan", Looks(ANSWERS), (0.3, 0.4))
    variant.discriminator_loss(batch(0.1, 0.2, labels=(3, 1)))
    assert [given.tolist() for given in variant.discriminator.labels] == [[3, 1], [3, 1]]
    assert [asked.tolist() for asked in variant.generator.asked] == [[3, 1]]
    variant.generator_loss(batch(0.1, 0.2, labels=(2, 0)))
    assert [given.tolist() for given in variant.discriminator.labels[2:]] == [[2, 0]]
    assert [asked.tolist() for asked in variant.generator.asked[1:]] == [[2, 0]]


def test_thousands_of_classes_share_a_vector_of_256(make: Make) -> None:
    """The paper's 3,740 characters: Phi(y), not y, is what the networks are widened by (§4.2)."""
    kind = variants.find("clsgan")
    variant = kind(Task(channels=1, size=8, classes=3740), kind.Hyper(latent=6))
    for phi in (variant.generator.label, variant.discriminator.phi):
        assert phi.weight.shape == (3740, 256)
    assert variant.generator.inputs == 6 + 256
    assert make("clsgan", embedding=5).discriminator.phi.embedding_dim == 5
    labels = torch.tensor([0, 3739])
    assert variant.realness(variant.generate(labels, labels), labels).shape == (2,)


def test_the_papers_values(make: Make) -> None:
    assert defaults("clsgan") == {"embedding": 256, "a": 0.0, "b": 1.0, "c": 1.0}
    assert bounds("clsgan", "embedding", 1, 4096)
