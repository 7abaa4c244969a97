"""BEGAN: Berthelot et al. 2017."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.networks.dcgan import DCGANAutoEncoder
from tests.training.variants.rigged import (
    Looks,
    Make,
    Makes,
    batch,
    bounds,
    defaults,
    rig,
    takes,
    values,
)
from training import snapshot
from training.data import Batch
from training.hardware import choose_autocast
from training.loop import start, train

ERRORS = {grey: {"energy": e} for grey, e in {0.1: 0.2, 0.2: 0.6, 0.3: 0.1, 0.4: 0.5}.items()}


class Grey(nn.Module):
    """A decoder that rebuilds everything as one grey."""

    def forward(self, codes: Tensor) -> Tensor:
        return torch.full((len(codes), 1, 8, 8), 0.25)


def terms(real: float, fake: float) -> dict[str, Tensor]:
    return {"discriminator/real": torch.tensor(real), "generator/fool": torch.tensor(fake)}


def test_by_hand(make: Make) -> None:
    variant = rig(make, "began", Looks(ERRORS), (0.3, 0.4))
    assert values(variant.discriminator_loss(batch(0.1, 0.2))) == pytest.approx(
        {"real": 0.4, "fake": 0.0}
    ), "k is 0 at first"
    variant.k.fill_(0.25)
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": 0.4, "fake": -0.075})
    assert values(variant.generator_loss(batch(0.1, 0.2))) == pytest.approx({"fool": 0.3})


def test_k_and_m_by_hand(make: Make) -> None:
    variant: Any = make("began", lambda_k=0.5)
    found = variant.after_step(terms(0.8, 0.3))  # gamma L(x) - L(G) = .1
    assert values(found) == pytest.approx({"k": 0.05, "M": 0.9})
    again = variant.after_step(terms(0.4, 0.22))  # -.02
    assert values(again) == pytest.approx({"k": 0.04, "M": 0.42})
    assert values(found)["k"] == pytest.approx(0.05), "what was recorded does not move with k"
    assert variant.m.item() == pytest.approx(0.9 + 0.42)
    other: Any = make("began", gamma=0.7, lambda_k=0.01)
    assert values(other.after_step(terms(1.0, 0.4))) == pytest.approx({"k": 0.003, "M": 1.3})


def test_k_stays_between_0_and_1(make: Make) -> None:
    """Trap (CG): k is not clamped."""
    variant: Any = make("began", lambda_k=1.0)
    assert variant.after_step(terms(0.2, 1.1))["k"].item() == 0
    assert variant.after_step(terms(4.0, 0.5))["k"].item() == 1
    assert variant.after_step(terms(1.0, 0.7))["k"].item() == pytest.approx(0.8)


def test_k_carries_no_graph(make: Make) -> None:
    variant: Any = make("began")
    errors = {name: term.requires_grad_() for name, term in terms(0.8, 0.3).items()}
    found = variant.after_step(errors)
    assert not any(t.requires_grad for t in (*found.values(), variant.k, variant.m))


def rates(optimisers: Any) -> list[float]:
    return [group["lr"] for o in optimisers.values() for group in o.param_groups]


def test_rates_halve_whenever_m_has_not_fallen_for_so_long(make: Make) -> None:
    variant: Any = make("began", patience=2, learning_rate=8e-4)
    optimisers = variant.optimisers()
    #        after steps  0    1    2    3    4    5    6    7    8    9
    measures = torch.tensor([5.0, 5.0, 4.0, 4.0, 4.0, 4.0, 3.0, 4.0, 9.0, 9.0])
    found = []
    for step, measure in enumerate([*measures, measures[-1]]):
        variant.schedule(step, optimisers)
        found.append([round(rate / 1e-4, 3) for rate in rates(optimisers)])
        variant.m += measure  # sums of two: 10, 8, 8 (no lower), 7, 18
    assert found == [[8, 8]] * 6 + [[4, 4]] * 4 + [[2, 2]]


def test_m_is_held_against_the_best_and_not_the_last(make: Make) -> None:
    variant: Any = make("began", patience=1, learning_rate=8e-4)
    optimisers = variant.optimisers()
    found = []
    for step, measure in enumerate([2.0, 5.0, 4.0, 1.0, 1.0]):
        variant.schedule(step, optimisers)
        found.append(round(rates(optimisers)[0] / 1e-4, 3))
        variant.m += measure
    assert found == [8, 8, 4, 2, 2]


def test_a_resumed_run_keeps_k_m_and_rates(make: Make, real: Batch, tmp_path: Path) -> None:
    """With a rate so high that M stalls: after 6 steps of 9 the rates have been halved."""
    hyper = {"patience": 1, "learning_rate": 0.5}
    autocast = choose_autocast("fp32", torch.device("cpu"))
    unbroken: Any = make("began", **hyper)
    whole = start(unbroken, decay=0.9)
    steps = train(whole, [real] * 9, autocast)
    for _ in range(6):
        next(steps)
    unbroken.k.fill_(0.3)
    snapshot.save(tmp_path / "run", whole)
    for _ in range(3):
        next(steps)
    resumed: Any = make("began", **hyper)
    again = start(resumed, decay=0.9)
    snapshot.restore(tmp_path / "run", again)
    assert min(rates(again.optimisers)) < 0.5
    assert resumed.k.item() == pytest.approx(0.3)
    steps = train(again, [real] * 9, autocast)
    for _ in range(3):
        next(steps)
    assert rates(again.optimisers) == rates(whole.optimisers)
    one, other = unbroken.state_dict(), resumed.state_dict()
    assert {"k", "m", "best"} <= one.keys()
    assert [name for name in one if not one[name].equal(other[name])] == []


def test_the_generator_learns_from_what_it_shows_and_from_what_is_made_of_it(make: Make) -> None:
    """|G(z) - D(G(z))|: with D that rebuilds .25 always, a grey of .5 falls at slope 1."""

    variant: Any = make("began")
    variant.generator = Makes(0.5)
    variant.discriminator.decoder = Grey()
    loss = variant.generator_loss(batch(0.1, 0.2))["fool"]
    loss.backward()
    assert loss.item() == pytest.approx(0.25)
    assert variant.generator.greys.grad.item() == pytest.approx(1)


def test_no_batch_normalisation_dropout_or_transposed_convolution(make: Make) -> None:
    """Trap (ZN): batch normalisation, and gamma 1."""
    variant: Any = make("began", code=5)
    barred = nn.BatchNorm1d | nn.BatchNorm2d | nn.Dropout | nn.ConvTranspose2d
    assert not any(isinstance(module, barred) for module in variant.modules())
    assert (variant.generator_network, variant.discriminator_network) == ("began", "began")
    assert variant.discriminator.encoder(torch.zeros(3, 1, 8, 8)).shape == (3, 5)
    assert variant.discriminator_arguments()["error"] == "absolute"


def test_the_pair_of_the_other_variants_is_an_option(make: Make) -> None:
    variant: Any = make("began", network="dcgan", code=5)
    names = (variant.generator_network, variant.discriminator_network)
    assert names == ("dcgan", "dcgan_autoencoder")
    assert isinstance(variant.discriminator, DCGANAutoEncoder)
    variant.discriminator.decoder = Grey()
    assert variant.error(torch.zeros(2, 1, 8, 8)).item() == pytest.approx(0.25)  # not squared
    assert not takes("began", network="mlp")


def test_the_papers_values() -> None:
    assert defaults("began") == {
        "generator_width": 24,
        "discriminator_width": 24,
        "generator_hidden": 0,
        "discriminator_hidden": 0,
        "code": 64,
        "learning_rate": 1e-4,
        "gamma": 0.5,
        "lambda_k": 1e-3,
        "network": "began",
        "patience": 2000,
    }
    for field in ("generator_width", "discriminator_width", "code"):
        assert bounds("began", field, 1, 4096)
    for field in ("generator_hidden", "discriminator_hidden"):
        assert bounds("began", field, 0, 4096)
    assert bounds("began", "learning_rate", 1e-9, step=1e-9)
    assert bounds("began", "gamma", 0, 1, step=0.01)
    assert bounds("began", "lambda_k", 0)
    assert bounds("began", "patience", 1)
