"""CatGAN: Springenberg 2015."""

from math import log
from typing import Any

import pytest
import torch

from tests.training.variants.rigged import Looks, Make, batch, bounds, defaults, rig, takes, values
from training import variants
from training.data import Batch
from training.loop import only
from training.variant import Task
from training.variants import catgan
from training.variants.catgan import entropy, marginal_entropy

ANSWERS = {  # probabilities of four categories, in 8ths, 6ths and 12ths
    0.1: {"classes": [log(5), 0, 0, 0]},  # 5 1 1 1
    0.2: {"classes": [0, log(5), 0, 0]},  # 1 5 1 1
    0.3: {"classes": [log(3), 0, 0, 0]},  # 3 1 1 1
    0.4: {"classes": [0, log(3), 0, 0]},  # 1 3 1 1
    0.5: {"classes": [log(9), 0, 0, 0]},  # 9 1 1 1
}
REAL_ENTROPY = 5 / 8 * log(8 / 5) + 3 / 8 * log(8)
REAL_MARGINAL = 6 / 8 * log(16 / 6) + 2 / 8 * log(8)  # of 6 6 2 2 16ths
FAKE_ENTROPY = 1 / 2 * log(2) + 1 / 2 * log(6)
FAKE_MARGINAL = 4 / 6 * log(3) + 2 / 6 * log(6)  # of 4 4 2 2 12ths
LABELS_COST = (log(12 / 9) + log(12)) / 2


def test_by_hand(make: Make) -> None:
    variant = rig(make, "catgan", Looks(ANSWERS), (0.3, 0.4))
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx(
        {"marginal": -REAL_MARGINAL, "sure": REAL_ENTROPY, "unsure": -FAKE_ENTROPY}
    )
    found = variant.generator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"marginal": -FAKE_MARGINAL, "sure": FAKE_ENTROPY})


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_labels_are_those_of_the_known_images_alone(make: Make, weight: float) -> None:
    """Trap (PG): the labels of all images are used."""
    variant = rig(make, "catgan", Looks(ANSWERS), (0.3, 0.4), lambda_=weight)
    known = batch(0.5, 0.5, labels=(0, 1))
    for labels in ((0, 1), (2, 3), None):
        found = variant.discriminator_loss(batch(0.1, 0.2, labels=labels, known=known))
        assert found["labels"].item() == pytest.approx(weight * LABELS_COST)
        assert len(found) == 4
        assert set(variant.generator_loss(batch(0.1, 0.2, labels=labels, known=known))) == {
            "marginal",
            "sure",
        }


def test_distorted_images_are_sorted_as_they_were(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The known ones as their labels say, all others as D says of the image itself; G's are not."""
    strengths = []

    def brighten(images: torch.Tensor, strength: float) -> torch.Tensor:
        strengths.append(strength)
        return images + 0.2

    monkeypatch.setattr(catgan, "distorted", brighten)
    variant = rig(make, "catgan", Looks(ANSWERS), (0.3, 0.4), distort=0.5)
    known = batch(0.1, 0.1, labels=(0, 1))
    found = values(variant.discriminator_loss(batch(0.1, 0.2, known=known)))
    assert found == pytest.approx(
        {
            "marginal": -REAL_MARGINAL,
            "sure": 5 / 8 * log(2) + 3 / 8 * log(6),
            "unsure": -FAKE_ENTROPY,
            "labels": (log(2) + log(6)) / 2,
        }
    )
    assert strengths == [0.5, 0.5]
    found = values(variant.generator_loss(batch(0.1, 0.2)))
    assert found == pytest.approx({"marginal": -FAKE_MARGINAL, "sure": FAKE_ENTROPY})


@pytest.mark.parametrize(
    ("asked", "classes", "expected"),
    [("all", 4, "all"), ("all", 0, 0), (0, 4, 0), (100, 4, 100), (0, 0, 0)],
)
def test_labels_are_asked_of_the_data_where_it_has_some(
    asked: Any, classes: int, expected: Any
) -> None:
    kind = variants.find("catgan")
    task = Task(channels=1, size=8, classes=classes)
    assert kind(task, kind.Hyper.model_validate({"labelled": asked})).labelled == expected


@pytest.mark.parametrize(("asked", "classes", "K"), [(0, 4, 4), (0, 0, 10), (7, 4, 7), (20, 0, 20)])
def test_categories_are_the_datas_or_ten_or_what_is_asked(asked: int, classes: int, K: int) -> None:
    kind = variants.find("catgan")
    hyper = kind.Hyper.model_validate({"categories": asked, "labelled": 0})
    variant = kind(Task(channels=1, size=8, classes=classes), hyper)
    assert variant.discriminator_arguments()["heads"] == {"classes": K}
    assert variant.discriminator(torch.zeros(2, 1, 8, 8))["classes"].shape == (2, K)


def test_the_marginal_is_of_the_whole_batch() -> None:
    """Sure and balanced: no entropy each, all of it together; all alike: none at all."""
    balanced = 50 * torch.eye(4)
    assert entropy(balanced).item() == pytest.approx(0, abs=1e-6)
    assert marginal_entropy(balanced).item() == pytest.approx(log(4))
    assert marginal_entropy(balanced[[0, 0, 1, 1]]).item() == pytest.approx(log(2))
    assert marginal_entropy(balanced[[0, 0, 0]]).item() == pytest.approx(0, abs=1e-6)
    assert entropy(torch.zeros(3, 4)).item() == pytest.approx(log(4))


def test_entropies_of_extreme_logits_are_finite_and_precise() -> None:
    """p log p written out is 0 times infinity here."""
    sure = torch.tensor([[1e4, 0.0], [0.0, 1e4]])
    assert entropy(sure).item() == pytest.approx(0)
    assert marginal_entropy(sure).item() == pytest.approx(log(2))
    for measure, expected in ((entropy, REAL_ENTROPY), (marginal_entropy, REAL_MARGINAL)):
        logits = torch.tensor([[1.6094, 0, 0, 0], [0, 1.6094, 0, 0]], dtype=torch.bfloat16)
        assert measure(logits).dtype == torch.float32
        assert measure(logits).item() == pytest.approx(expected, abs=2e-3)


def test_two_answers_are_held_to_each_other_in_full_precision() -> None:
    p, q = torch.randn(2, 50, 4, generator=torch.Generator().manual_seed(0)).bfloat16()
    expected = catgan.cross_entropy(p.float(), q.float()).item()
    assert catgan.cross_entropy(p, q).item() == pytest.approx(expected, abs=1e-6)


def test_an_image_and_its_distortion_both_teach(
    make: Make, real: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = (real.images / 2).requires_grad_()
    monkeypatch.setattr(catgan, "distorted", lambda images, strength: moved)
    real.images.requires_grad_()
    make("catgan", distort=1).discriminator_loss(real)["sure"].backward()
    for images in (real.images, moved):
        assert images.grad is not None
        assert images.grad.abs().sum() > 0


def test_the_generator_learns_to_be_sure_and_even(make: Make, real: Batch) -> None:
    variant: Any = make("catgan")
    for name in ("marginal", "sure"):
        variant.zero_grad()
        only(variant, variant.generator_parameters())
        variant.generator_loss(real)[name].backward()
        assert any(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
        assert all(p.grad is None for p in variant.discriminator.parameters())


def test_noise_is_added_in_the_discriminator(make: Make) -> None:
    x = torch.zeros(4, 1, 8, 8)
    noisy, still = make("catgan").discriminator.train(), make("catgan", noise=0).discriminator
    assert not noisy(x)["classes"].equal(noisy(x)["classes"])
    assert still(x)["classes"].equal(still(x)["classes"])


def test_the_batch_is_large_enough_for_a_marginal() -> None:
    assert variants.find("catgan").batch == 128


def test_the_papers_values() -> None:
    assert defaults("catgan") == {
        "beta2": 0.9,
        "labelled": "all",
        "categories": 0,
        "lambda_": 1.0,
        "noise": 0.1,
        "distort": 0,
    }
    assert bounds("catgan", "beta2", 0, 0.999, step=0.001)
    assert bounds("catgan", "labelled", 0)
    assert bounds("catgan", "categories", 0, 4096)
    assert bounds("catgan", "lambda_", 0)
    assert bounds("catgan", "noise", 0)
    assert bounds("catgan", "distort", 0, 1)
    assert not takes("catgan", labelled="most")
