"""Points on mixtures: counted by hand, drawn by the mixture, and learnt from by every variant."""

import math

import pytest
import torch
from torch import Tensor, nn

from models.networks import AutoEncoder
from training import variants
from training.evaluate.modes import count_modes, protocol
from training.evaluate.point_networks import on_points
from training.evaluate.points import MIXTURES, Mixture, Points
from training.loop import start, train
from training.variant import Task

every_mixture = pytest.mark.parametrize("mixture", MIXTURES.values(), ids=MIXTURES)
SINGLE = torch.autocast("cpu", enabled=False)


def away(mixture: Mixture, deviations: float) -> Tensor:
    """One point for each mode, so many deviations from its centre."""
    return mixture.centres + torch.tensor([deviations * mixture.deviation, 0.0])


@every_mixture
def test_points_on_some_modes_find_these(mixture: Mixture) -> None:
    for modes in (1, 3, mixture.modes):
        found = count_modes(mixture.centres[:modes].repeat(10, 1), mixture)
        assert (found.found, found.quality) == (modes, 1.0)
        assert found.kl == pytest.approx(math.log(mixture.modes / modes))


@every_mixture
@pytest.mark.parametrize(("deviations", "counts"), [(2.9, True), (-2.9, True), (3.1, False)])
def test_what_is_three_deviations_away_counts_no_more(
    mixture: Mixture, deviations: float, counts: bool
) -> None:
    found = count_modes(away(mixture, deviations), mixture)
    assert found.found == (mixture.modes if counts else 0)
    assert found.quality == (1.0 if counts else 0.0)
    assert found.kl == pytest.approx(0, abs=1e-12)  # each is still nearest to its own


def test_a_quarter_of_good_points_by_hand() -> None:
    ring = MIXTURES["ring-8"]
    points = torch.cat([ring.centres[:1], ring.centres[1:2] * 1.2, torch.zeros(2, 2) + 1e-3])
    found = count_modes(points, ring)
    assert (found.found, found.quality) == (1, 0.25)
    # nearest modes: 0, 1 and, for both points at the origin's upper right, 1
    assert found.kl == pytest.approx(0.25 * math.log(0.25 * 8) + 0.75 * math.log(0.75 * 8))


@every_mixture
def test_the_balls_of_two_modes_never_meet(mixture: Mixture) -> None:
    apart = torch.pdist(mixture.centres).min()
    assert apart > 2 * 3 * mixture.deviation


@every_mixture
def test_real_points_are_as_good_as_theory_says(mixture: Mixture) -> None:
    points, modes = mixture.draw(50_000, torch.Generator().manual_seed(0))
    found = count_modes(points, mixture)
    assert found.found == mixture.modes
    assert found.quality == pytest.approx(1 - math.exp(-(3**2) / 2), abs=0.002)  # Rayleigh's law
    assert found.kl < 0.001
    assert torch.equal(torch.cdist(points, mixture.centres).argmin(1), modes)


@every_mixture
def test_batches_depend_on_seed_and_index_alone(mixture: Mixture) -> None:
    batches = Points(mixture, 12, seed=3)
    first, again = batches[5], Points(mixture, 12, seed=3)[5]
    assert first.images.shape == (12, 2, 1, 1)
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, batches[6].images)
    assert not torch.equal(first.images, Points(mixture, 12, seed=4)[5].images)
    assert first.known is not None
    assert first.known.images is first.images
    assert first.known.labels is first.labels


def test_the_protocol_says_what_is_counted() -> None:
    text = protocol(MIXTURES["grid-25"])
    assert "2500 points" in text
    assert "25 Gaussians" in text
    assert "3 deviations" in text


@pytest.mark.parametrize("name", variants.names())
def test_every_variant_learns_points_on_the_same_networks(name: str) -> None:
    kind = variants.find(name)
    small = {"generator_width": 8, "discriminator_width": 8, "latent": 3, "embedding": 4}
    torch.manual_seed(0)
    variant = on_points(kind)(Task(channels=2, size=1, classes=8), kind.Hyper(**small))
    assert isinstance(variant, kind)
    assert not [m for m in variant.modules() if isinstance(m, nn.BatchNorm1d | nn.Dropout)]
    state = start(variant, decay=0.9)
    before = [p.detach().clone() for p in variant.parameters()]
    metrics = next(train(state, Points(MIXTURES["ring-8"], 16, seed=0), SINGLE))
    assert all(value.isfinite() for value in metrics.values())
    moved = [not torch.equal(a, b) for a, b in zip(before, variant.parameters(), strict=True)]
    assert sum(moved) >= len(moved) - 1


def test_energies_are_judged_by_an_auto_encoder_found_by_its_kind() -> None:
    kinds = {name: variants.find(name) for name in variants.names()}
    task = Task(channels=2, size=1, classes=8)
    judges = {name: on_points(k)(task, k.Hyper()).discriminator for name, k in kinds.items()}
    rebuild = {name for name, judge in judges.items() if isinstance(judge, AutoEncoder)}
    assert rebuild == {"began", "ebgan"}
