"""CGAN: Mirza and Osindero 2014."""

from math import log

import pytest

from tests.training.variants.rigged import SURE, Looks, Make, batch, defaults, rig, values


def test_by_hand(make: Make) -> None:
    variant = rig(make, "cgan", Looks(SURE), (0.3, 0.4))
    real, fake = (log(4 / 3) + log(2)) / 2, (log(5 / 4) + log(5 / 3)) / 2
    found = variant.discriminator_loss(batch(0.1, 0.2, labels=(0, 1)))
    assert values(found) == pytest.approx({"real": real, "fake": fake})
    found = variant.generator_loss(batch(0.1, 0.2, labels=(0, 1)))
    assert values(found) == pytest.approx({"fool": (log(5) + log(5 / 2)) / 2})


def test_the_datas_labels_are_given_to_both_networks_in_both_steps(make: Make) -> None:
    variant = rig(make, "cgan", Looks(SURE), (0.3, 0.4))
    variant.discriminator_loss(batch(0.1, 0.2, labels=(3, 1)))
    assert [given.tolist() for given in variant.discriminator.labels] == [[3, 1], [3, 1]]
    assert [asked.tolist() for asked in variant.generator.asked] == [[3, 1]]
    variant.generator_loss(batch(0.1, 0.2, labels=(2, 0)))
    assert [given.tolist() for given in variant.discriminator.labels[2:]] == [[2, 0]]
    assert [asked.tolist() for asked in variant.generator.asked[1:]] == [[2, 0]]


def test_both_networks_are_built_for_the_datas_classes(make: Make) -> None:
    variant = make("cgan")
    assert defaults("cgan") == {}
    assert variant.generator.classes == 4
    assert variant.discriminator.plane.num_embeddings == 4
