"""EBGAN: Zhao et al. 2016."""

from math import sqrt
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.training.variants.rigged import (
    PIXELS,
    Looks,
    Make,
    Makes,
    batch,
    bounds,
    defaults,
    rig,
    values,
)
from training.data import Batch
from training.loop import only
from training.variants.ebgan import pulling_away

ENERGIES = {grey: {"energy": e} for grey, e in {0.1: 0.2, 0.2: 0.6, 0.3: 0.1, 0.4: 0.7}.items()}


class Codes(nn.Module):
    """An encoder that knows one code an image."""

    def __init__(self, *codes: tuple[float, float]) -> None:
        super().__init__()
        self.codes = torch.tensor(codes)

    def forward(self, x: Tensor) -> Tensor:
        assert len(x) == len(self.codes)
        return self.codes


class Black(nn.Module):
    """A decoder that makes nothing of any code."""

    def forward(self, codes: Tensor) -> Tensor:
        return torch.zeros(len(codes), 1, 8, 8)


@pytest.mark.parametrize(("margin", "fake"), [(0.3, 0.2 / 2), (1.0, (0.9 + 0.3) / 2), (0.05, 0.0)])
def test_discriminator_by_hand(make: Make, margin: float, fake: float) -> None:
    """Trap (ZN): the hinge of the batch's mean, here .4, which would be 0 at .3.

    The discriminator is not given the pulling-away term.
    """
    variant = rig(make, "ebgan", Looks(ENERGIES), (0.3, 0.4), margin=margin)
    found = variant.discriminator_loss(batch(0.1, 0.2))
    assert values(found) == pytest.approx({"real": 0.4, "fake": fake})


@pytest.mark.parametrize("weight", [0.0, 0.1, 2.0])
def test_generator_by_hand(make: Make, weight: float) -> None:
    """Of images of grey .5, 1 and 0 black is off by 1/4, 1 and 0; the cosines are 0 and sqrt 1/2.

    Squared, and each pair taken twice of six: (0 + 1/2 + 1/2) / 3.
    """
    variant: Any = make("ebgan", pulling_away=weight)
    variant.generator = Makes(0.5, 1.0, 0.0)
    variant.discriminator.encoder = Codes((1, 0), (0, 2), (3, 3))
    variant.discriminator.decoder = Black()
    found = values(variant.generator_loss(batch(0.1, 0.2, 0.3)))
    assert found == pytest.approx({"fool": 1.25 / 3, "pull": weight / 3})


def test_the_generator_learns_from_what_it_shows_and_from_what_is_made_of_it(make: Make) -> None:
    """Trap (ZN): the target is detached, so the energy's second argument gives no gradient.

    With a decoder that makes black of all, (grey - 0)^2 has slope 2 grey, through x alone.
    """
    variant: Any = make("ebgan", pulling_away=0.0)
    variant.generator = Makes(0.5)
    variant.discriminator.decoder = Black()
    sum(variant.generator_loss(batch(0.1, 0.2)).values()).backward()
    assert variant.generator.greys.grad.item() == pytest.approx(2 * 0.5)


def test_pulling_away_by_hand() -> None:
    """Traps: cosines not squared (HW, PG), one norm for all (ZN), the diagonal kept (TorchGAN)."""
    alike, opposed, apart = (
        torch.tensor([[1.0, 2.0], [3.0, 6.0]]),
        torch.tensor([[1.0, 1.0], [-2.0, -2.0]]),
        torch.tensor([[1.0, 0.0], [0.0, 9.0]]),
    )
    assert pulling_away(alike).item() == pytest.approx(1)
    assert pulling_away(opposed).item() == pytest.approx(1)
    assert pulling_away(apart).item() == pytest.approx(0)
    sixty_degrees = torch.tensor([[5.0, 0.0, 0.0], [0.1, 0.1 * sqrt(3), 0.0]])
    assert pulling_away(sixty_degrees).item() == pytest.approx(1 / 4)
    assert pulling_away(torch.eye(4)).item() == pytest.approx(0)
    assert pulling_away(torch.ones(4, 3)).item() == pytest.approx(1)


def test_pulling_away_pulls_by_hand() -> None:
    """Of two codes it is cos^2 = (s . t)^2 / (|s|^2 |t|^2): at s = (1, 0) and t = (1, 1)

    d/dt = (2 x y^2, -2 x^2 y) / 4 = (1/2, -1/2), and d/ds, across s, = 1.
    """
    codes = torch.tensor([[1.0, 0.0], [1.0, 1.0]], requires_grad=True)
    (slope,) = torch.autograd.grad(pulling_away(codes), codes)
    assert slope.flatten().tolist() == pytest.approx([0, 1, 0.5, -0.5], abs=1e-6)


def test_pulling_away_is_in_full_precision() -> None:
    codes = torch.tensor([[1.0, 0.0], [1.0, 1.0]], dtype=torch.bfloat16)
    assert pulling_away(codes).dtype == torch.float32
    assert pulling_away(codes).item() == pytest.approx(1 / 2, abs=1e-6)


def test_pulling_away_reaches_the_generator_alone(make: Make, real: Batch) -> None:
    variant: Any = make("ebgan")
    only(variant, variant.generator_parameters())
    variant.generator_loss(real)["pull"].backward()
    assert any(p.grad.abs().sum() > 0 for p in variant.generator.parameters())
    assert all(p.grad is None for p in variant.discriminator.parameters())


def test_no_image_changes_another_ones_energy(make: Make) -> None:
    """With batch statistics what is made of an image depends on its company."""
    variant: Any = make("ebgan", norm="none")
    x = torch.randn(4, 1, 8, 8)
    assert torch.allclose(variant.train().energy(x)[:2], variant.energy(x[:2]), atol=1e-6)


def test_the_energy_is_a_pixels_mean_square(make: Make) -> None:
    variant: Any = make("ebgan")
    variant.discriminator.decoder = Black()
    x = torch.zeros(2, 1, 8, 8)
    x[0, 0, 0, 0], x[1] = 3.0, 0.5
    assert variant.energy(x).tolist() == pytest.approx([9 / PIXELS, 0.25])


def test_the_auto_encoder_warms_up_before_the_generators_first_step(make: Make) -> None:
    for warm_up, first in ((0, 1), (200, 201)):
        variant = make("ebgan", warm_up=warm_up)
        assert [variant.critic_steps(step) for step in (0, 1, 200, 201)] == [first, 1, 1, 1]


def test_the_auto_encoder_and_its_values(make: Make) -> None:
    assert defaults("ebgan") == {
        "discriminator_hidden": 0,
        "margin": 0.15,
        "pulling_away": 1.0,
        "warm_up": 0,
        "code": 64,
        "norm": "batch",
    }
    variant: Any = make("ebgan", code=5)
    assert variant.discriminator_network == "dcgan_autoencoder"
    assert variant.discriminator.encoder(torch.zeros(3, 1, 8, 8)).shape == (3, 5)
    assert variant.discriminator_arguments()["error"] == "squared"
    assert bounds("ebgan", "discriminator_hidden", 0, 4096)
    assert bounds("ebgan", "margin", 1e-9, step=1e-9)
    assert bounds("ebgan", "pulling_away", 0)
    assert bounds("ebgan", "warm_up", 0)
    assert bounds("ebgan", "code", 2, 4096)
