"""InfoGAN: Chen et al. 2016."""

from math import e, log
from typing import Any

import pytest
import torch

from tests.training.variants.rigged import Looks, Make, batch, bounds, defaults, rig, values
from training.data import Batch
from training.loop import only
from training.variants import infogan

READ = [log(9), *[0.0] * 9, 0.5, -1.0]  # Q says code 0 by 1/2, any other by 1/18, then two means
ANSWERS = {
    0.1: {"realness": log(3), "codes": [7.0] * 12},
    0.2: {"realness": 0.0, "codes": [7.0] * 12},
    0.3: {"realness": -log(4), "codes": READ},
    0.4: {"realness": log(2 / 3), "codes": READ},
}


def given(category: int, *continuous: float) -> list[float]:
    """What a generator whose z is 6 wide is given."""
    return [*[0.3] * 6, *[float(category == k) for k in range(10)], *continuous]


def rigged(make: Make, **hyper: Any) -> Any:
    """Its codes are 0 and 7, and (.5, 0) and (1, -1)."""
    variant = rig(make, "infogan", Looks(ANSWERS), (0.3, 0.4), **hyper)
    variant.draw_latent = lambda like: torch.tensor([given(0, 0.5, 0.0), given(7, 1.0, -1.0)])
    return variant


@pytest.mark.parametrize(("categorical", "continuous"), [(1.0, 0.1), (0.5, 2.0), (0.0, 0.0)])
def test_by_hand(make: Make, categorical: float, continuous: float) -> None:
    """Trap (ZN): D's logit is read from a code's column; here that would be 7 or log 9.

    The squares of the continuous codes' errors are 0 + 1 and .25 + 0.
    """
    variant = rigged(make, lambda_categorical=categorical, lambda_continuous=continuous)
    information = {
        "categorical": categorical * (log(2) + log(18)) / 2,
        "continuous": continuous * (1 / 2 + 0.25 / 2) / 2,
    }
    real, fake = (log(4 / 3) + log(2)) / 2, (log(5 / 4) + log(5 / 3)) / 2
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": real, "fake": fake, **information})
    found = variant.generator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"fool": (log(5) + log(5 / 2)) / 2, **information})


def test_q_names_the_categorical_code_of_a_distorted_image(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The continuous ones it reads off the image as it is, and D sees no other."""
    strengths = []

    def darken(images: torch.Tensor, strength: float) -> torch.Tensor:
        strengths.append(strength)
        return images - 0.2

    monkeypatch.setattr(infogan, "distorted", darken)
    variant, plain = rigged(make, distort=0.5), rigged(make)
    for loss in ("discriminator_loss", "generator_loss"):
        found = values(getattr(variant, loss)(batch(0.1, 0.2)))
        expected = values(getattr(plain, loss)(batch(0.1, 0.2)))
        assert found == pytest.approx(expected | {"categorical": log(10)})
    assert strengths == [0.5, 0.5]


def test_codes_are_drawn_evenly_behind_z(make: Make) -> None:
    torch.manual_seed(0)
    variant: Any = make("infogan", categorical=5, continuous=3)
    drawn = variant.draw_latent(torch.empty(5000, 1))
    assert drawn.shape == (5000, 6 + 5 + 3)
    z, one_hot, continuous = drawn.split([6, 5, 3], 1)
    assert z.std().item() == pytest.approx(1, abs=0.03)
    assert set(one_hot.unique().tolist()) == {0.0, 1.0}
    assert one_hot.sum(1).eq(1).all()
    assert one_hot.mean(0).tolist() == pytest.approx([1 / 5] * 5, abs=0.02)
    assert -1 <= continuous.min() < -0.99
    assert 0.99 < continuous.max() <= 1
    assert continuous.mean(0).tolist() == pytest.approx([0] * 3, abs=0.03)
    assert continuous.std().item() == pytest.approx(1 / 3**0.5, abs=0.02)
    assert torch.corrcoef(continuous.T)[0, 1].abs() < 0.05


def test_the_codes_that_are_asked_for_are_those_that_were_given(make: Make) -> None:
    """A code that G is not given, or Q not asked for, is no information."""
    variant = rig(make, "infogan", Looks(ANSWERS), (0.3, 0.4))
    asked: list[torch.Tensor] = []

    def ask(q: torch.Tensor, latent: torch.Tensor) -> dict[str, torch.Tensor]:
        asked.append(latent)
        return {}

    variant.ignorance = ask
    variant.discriminator_loss(batch(0.1, 0.2))
    variant.generator_loss(batch(0.1, 0.2))
    assert len(asked) == 2
    for told, held in zip(variant.generator.given, asked, strict=True):
        assert told.shape == (2, 6 + 10 + 2)
        assert told.equal(held)
    assert not asked[0].equal(asked[1])


def test_a_code_changes_the_image_and_only_its_head_reads_it(make: Make) -> None:
    variant: Any = make("infogan")
    variant.eval()
    z = torch.tensor([given(0, 0.0, 0.0), given(1, 0.0, 0.0), given(0, 1.0, 0.0)])
    images = variant.generator(z)
    assert not images[0].equal(images[1])
    assert not images[0].equal(images[2])
    found = variant.discriminator(images)
    assert {head: answer.shape for head, answer in found.items()} == {
        "realness": (3,),
        "codes": (3, 12),
    }


@pytest.mark.parametrize("distort", [0, 1])
@pytest.mark.parametrize("term", ["categorical", "continuous"])
def test_information_teaches_q_and_the_trunk_in_ds_step_and_g_in_gs(
    make: Make, real: Batch, term: str, distort: float
) -> None:
    """Trap (TorchGAN): the mutual information without a gradient."""
    variant: Any = make("infogan", distort=distort)
    only(variant, variant.discriminator_parameters())
    variant.discriminator_loss(real)[term].backward()
    q, trunk = variant.discriminator.heads["codes"], variant.discriminator.trunk
    assert all(p.grad.abs().sum() > 0 for p in q[-1].parameters())
    assert any(p.grad.abs().sum() > 0 for p in trunk.parameters())
    assert variant.discriminator.heads["realness"].weight.grad is None
    assert all(p.grad is None for p in variant.generator.parameters())
    variant.zero_grad()
    only(variant, variant.generator_parameters())
    variant.generator_loss(real)[term].backward()
    assert any(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
    assert all(p.grad is None for p in variant.discriminator.parameters())


def test_q_shares_the_trunk_and_has_a_layer_of_its_own(make: Make) -> None:
    variant = make("infogan", code_hidden=5)
    assert variant.discriminator.heads["codes"][0].out_features == 5
    assert isinstance(variant.discriminator.heads["realness"], torch.nn.Linear)


def test_the_generator_has_a_rate_of_its_own_and_q_the_discriminators(make: Make) -> None:
    variant: Any = make("infogan", learning_rate=3e-4, generator_learning_rate=7e-4)
    groups = {name: o.param_groups[0] for name, o in variant.optimisers().items()}
    assert {name: group["lr"] for name, group in groups.items()} == {
        "discriminator": 3e-4,
        "generator": 7e-4,
    }
    (group,) = variant.optimisers()["discriminator"].param_groups
    held = {id(p) for p in group["params"]}
    assert {id(p) for p in variant.discriminator.heads["codes"].parameters()} < held
    assert variant.hyper.learning_rate == 3e-4


def test_information_is_in_full_precision(make: Make) -> None:
    variant: Any = make("infogan")
    q = torch.tensor([[2.0, *[0.0] * 9, 0.5, -1.0]], dtype=torch.bfloat16)
    found = variant.ignorance(q, torch.tensor([given(0, 0.5, 0.001)]))
    assert {term.dtype for term in found.values()} == {torch.float32}
    assert found["categorical"].item() == pytest.approx(log(1 + 9 / e**2), abs=1e-5)
    assert found["continuous"].item() == pytest.approx(0.1 * 1.001**2 / 2, abs=1e-5)


def test_the_papers_values() -> None:
    assert defaults("infogan") == {
        "categorical": 10,
        "continuous": 2,
        "lambda_categorical": 1.0,
        "lambda_continuous": 0.1,
        "generator_learning_rate": 1e-3,
        "code_hidden": 128,
        "distort": 0,
    }
    assert bounds("infogan", "categorical", 2, 4096)
    assert bounds("infogan", "continuous", 0, 64)
    assert bounds("infogan", "lambda_categorical", 0)
    assert bounds("infogan", "lambda_continuous", 0)
    assert bounds("infogan", "generator_learning_rate", 1e-9, step=1e-9)
    assert bounds("infogan", "code_hidden", 1, 4096)
    assert bounds("infogan", "distort", 0, 1)
