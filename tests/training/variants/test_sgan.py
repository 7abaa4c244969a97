"""SGAN: Odena 2016."""

from math import log
from typing import Any

import pytest
import torch

from models.networks import DISCRIMINATORS, build
from models.networks.weight_norm import WeightNormDiscriminator
from tests.training.variants.rigged import (
    BETWEEN,
    HALVES,
    Answers,
    Looks,
    Make,
    batch,
    defaults,
    images,
    rig,
    takes,
    values,
)
from training import variants
from training.data import Batch
from training.loop import only
from training.variant import Task

ANSWERS: Answers = {  # sum_k exp l_k is 8, 3, 4, 1, and 6: real by 8/9, 3/4, 4/5, 1/2, and 6/7
    0.1: {"classes": [log(5), 0, 0, 0], "features": [1, 2]},
    0.2: {"classes": [log(3 / 4)] * 4, "features": [3, 4]},
    0.3: {"classes": [0, 0, 0, 0], "features": [1, -1]},
    0.4: {"classes": [log(1 / 4)] * 4, "features": [-1, -1]},
    0.5: {"classes": [log(3), 0, 0, 0], "features": [9, 9]},
}


def pair(labels: tuple[int, ...] = (2, 3)) -> Batch:
    return batch(0.1, 0.2, labels=labels, known=batch(0.5, 0.5, labels=(0, 1)))


def test_discriminator_by_hand(make: Make) -> None:
    """K logits and l_(K+1) = 0. Traps (PG): a double softmax, the labels of all images used."""
    for labels in ((2, 3), (0, 1)):
        variant = rig(make, "sgan", Looks(ANSWERS), (0.3, 0.4))
        found = variant.discriminator_loss(pair(labels))
        assert values(found) == pytest.approx(
            {
                "labels": (log(7 / 3) + log(7)) / 2,
                "real": (log(9 / 8) + log(4 / 3)) / 2,
                "fake": (log(5) + log(2)) / 2,
            }
        )


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("nonsaturating", {"fool": (log(5 / 4) + log(2)) / 2}),
        ("minimax", {"minimax": (log(1 / 5) + log(1 / 2)) / 2}),
        ("feature_matching", {"features": (2 - 0) ** 2 + (3 + 1) ** 2}),
    ],
)
def test_generator_by_hand(make: Make, loss: str, expected: dict[str, float]) -> None:
    """The mean features are (2, 3) of the real images and (0, -1) of the generated."""
    variant = rig(make, "sgan", Looks(ANSWERS), (0.3, 0.4), loss=loss)
    assert values(variant.generator_loss(pair())) == pytest.approx(expected)


def test_the_last_class_is_generated_and_its_logit_is_0(make: Make) -> None:
    """As K + 1 logits with a 0 behind them: the softmax's last is 1 - real."""
    variant: Any = make("sgan")
    assert variant.discriminator_arguments()["heads"] == {"classes": 4}
    logits = variant.discriminator.eval()(torch.randn(5, 1, 8, 8))["classes"]
    generated = torch.cat([logits, torch.zeros(5, 1)], 1).softmax(1)[:, 4]
    assert (1 - torch.sigmoid(logits.logsumexp(1))).tolist() == pytest.approx(
        generated.tolist(), abs=1e-6
    )


@pytest.mark.parametrize("loss", ["nonsaturating", "minimax", "feature_matching"])
def test_each_of_its_losses_teaches_the_generator_alone(make: Make, real: Batch, loss: str) -> None:
    variant: Any = make("sgan", loss=loss)
    only(variant, variant.generator_parameters())
    (term,) = variant.generator_loss(real).values()
    term.backward()
    assert all(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
    assert all(p.grad is None for p in variant.discriminator.parameters())


def test_features_are_what_the_head_is_given_in_full_precision(make: Make) -> None:
    variant: Any = make("sgan")
    network = variant.discriminator.eval()
    x = torch.randn(3, 1, 8, 8)
    assert network.heads["classes"](network.features(x)).equal(network(x)["classes"])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert variant.logits(x).dtype == torch.float32
        assert variant.mismatch(x, x + 1).dtype == torch.float32


def test_mean_features_are_in_full_precision(make: Make) -> None:
    variant = rig(make, "sgan", Looks(HALVES, torch.bfloat16), (0.3,))
    for one, other in (((0.1, 0.2), (0.3, 0.3)), ((0.3, 0.3), (0.1, 0.2))):
        assert variant.mismatch(images(*one), images(*other)).item() == pytest.approx(BETWEEN**2)


@pytest.mark.parametrize("asked", ["all", 100])
def test_labels_are_asked_of_the_data(asked: Any) -> None:
    kind = variants.find("sgan")
    hyper = kind.Hyper.model_validate({"labelled": asked})
    assert kind(Task(channels=1, size=8, classes=4), hyper).labelled == asked


def test_noise_is_added_in_the_discriminator(make: Make) -> None:
    x = torch.zeros(4, 1, 8, 8)
    noisy, still = make("sgan").discriminator.train(), make("sgan", noise=0).discriminator
    assert not noisy(x)["classes"].equal(noisy(x)["classes"])
    assert still(x)["classes"].equal(still(x)["classes"])


def test_the_network_for_few_labels_is_named_in_its_card(make: Make) -> None:
    variant = make("sgan", network="weight_norm", noise=0.5)
    assert (variant.generator_network, variant.discriminator_network) == ("mlp", "weight_norm")
    rebuilt = build(DISCRIMINATORS, "weight_norm", variant.discriminator_arguments())
    rebuilt.load_state_dict(variant.discriminator.state_dict())
    x = torch.randn(3, 1, 8, 8)
    with torch.no_grad():
        assert rebuilt.eval()(x)["classes"].equal(variant.discriminator.eval()(x)["classes"])
    assert not isinstance(make("sgan").discriminator, WeightNormDiscriminator)


def test_the_papers_values() -> None:
    assert defaults("sgan") == {
        "labelled": "all",
        "loss": "nonsaturating",
        "noise": 0.1,
        "network": "dcgan",
    }
    assert not takes("sgan", loss="least_squares")
    assert not takes("sgan", noise=-0.1)
    assert takes("sgan", noise=0)


def test_it_cannot_do_without_labels(make: Make) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        make("sgan", labelled=0)
