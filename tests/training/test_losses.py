"""Each variant's losses against values worked out by hand, and the faults of public code."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training import variants
from training.data import Batch
from training.losses import away_from, call_fake, call_real, name_class
from training.penalties import between, gradient_norm, near, near_normal, two_sided
from training.variant import Task, Variant

Make = Callable[..., Variant]


class Says(nn.Module):
    """A discriminator whose logits a test knows: the mean of each image times a factor."""

    def __init__(self, factor: float = 1.0, classes: Tensor | None = None) -> None:
        super().__init__()
        self.factor = factor
        self.classes = classes
        self.labels: list[Tensor | None] = []

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        self.labels.append(labels)
        logits = {"realness": self.factor * x.flatten(1).mean(1)}
        if self.classes is not None:
            logits["classes"] = self.classes.expand(len(x), -1)
        return logits


class Makes(nn.Module):
    """A generator whose images are of one grey."""

    def __init__(self, grey: float, size: int) -> None:
        super().__init__()
        self.grey = nn.Parameter(torch.tensor(grey))
        self.size = size
        self.asked: list[Tensor] = []

    def embed(self, labels: Tensor) -> Tensor:
        self.asked.append(labels)
        return labels[:, None].float()

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        return self.grey.expand(len(z), 1, self.size, self.size)


def rigged(make: Make, name: str, *, grey: float = -0.5, judge: Any = None, **hyper: Any) -> Any:
    """A variant with both networks replaced by ones whose answers are known."""
    variant: Any = make(name, **hyper)
    variant.generator = Makes(grey, 8)
    variant.discriminator = judge or Says()
    return variant


def batch(grey: float, labels: list[int] | None = None) -> Batch:
    labels = labels or [0, 1]
    return Batch(torch.full((len(labels), 1, 8, 8), grey), torch.tensor(labels))


def softplus(x: float) -> float:
    return math.log1p(math.exp(x))


@pytest.mark.parametrize("name", ["gan", "dcgan", "cgan"])
def test_binary_losses_by_hand(make: Make, name: str) -> None:
    """D(x) = sigmoid(0.25), D(G(z)) = sigmoid(-0.5)."""
    variant = rigged(make, name)
    found = variant.discriminator_loss(batch(0.25))
    assert found["real"].item() == pytest.approx(-math.log(1 / (1 + math.exp(-0.25))))
    assert found["fake"].item() == pytest.approx(-math.log(1 - 1 / (1 + math.exp(0.5))))
    fool = variant.generator_loss(batch(0.25))
    assert {k: v.item() for k, v in fool.items()} == {"fool": pytest.approx(softplus(0.5))}


def test_minimax_is_minimax(make: Make) -> None:
    """E[log(1 - D(G(z)))] = -softplus(logit); one published "minimax" is the other loss."""
    found = rigged(make, "gan", loss="minimax").generator_loss(batch(0.25))
    assert {k: v.item() for k, v in found.items()} == {"minimax": pytest.approx(-softplus(-0.5))}


def test_saturation() -> None:
    """Where D is sure that G(z) is fake, minimax gives no gradient and non-saturating gives 1."""
    for logit, minimax, nonsaturating in ((-20.0, 0.0, 1.0), (0.0, 0.5, 0.5), (20.0, 1.0, 0.0)):
        x = torch.tensor([logit], requires_grad=True)
        (slope,) = torch.autograd.grad(-call_fake(x), x)
        assert abs(slope.item()) == pytest.approx(minimax, abs=1e-6)
        (slope,) = torch.autograd.grad(call_real(x), x)
        assert abs(slope.item()) == pytest.approx(nonsaturating, abs=1e-6)


def test_losses_of_extreme_logits_are_finite() -> None:
    """log(sigmoid(x)) written out is infinite here."""
    for logit in (-1e4, 1e4):
        assert call_real(torch.tensor([logit])).item() == pytest.approx(max(0, -logit))
        assert call_fake(torch.tensor([logit])).item() == pytest.approx(max(0, logit))


def test_the_optimal_discriminator_of_two_known_densities() -> None:
    """D* = p / (p + q) and V = -log 4 + 2 JSD(p || q) (Goodfellow 2014, §4.1), on four points."""
    p, q = torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([0.4, 0.3, 0.2, 0.1])
    logits = torch.zeros(4, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-10)

    def value() -> Tensor:
        real = torch.stack([call_real(x[None]) for x in logits])
        fake = torch.stack([call_fake(x[None]) for x in logits])
        return (p * real + q * fake).sum()

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = value()
        loss.backward()
        return loss

    optimiser.step(closure)
    assert torch.sigmoid(logits).tolist() == pytest.approx((p / (p + q)).tolist(), abs=1e-3)
    m = (p + q) / 2
    jsd = 0.5 * (p * (p / m).log()).sum() + 0.5 * (q * (q / m).log()).sum()
    assert -value().item() == pytest.approx((-math.log(4) + 2 * jsd).item(), abs=1e-4)


def test_cgan_gives_the_datas_label_to_both(make: Make) -> None:
    variant = rigged(make, "cgan")
    variant.discriminator_loss(batch(0.0, [3, 1]))
    assert [labels.tolist() for labels in variant.discriminator.labels] == [[3, 1], [3, 1]]
    assert [labels.tolist() for labels in variant.generator.asked] == [[3, 1]]


def test_acgan_by_hand(make: Make) -> None:
    """Class logits (1, 0, 0, 0): the softmax of the right class is e/(e+3), of another 1/(e+3)."""
    variant = rigged(
        make, "acgan", fake_class=1.0, judge=Says(classes=torch.tensor([1.0, 0.0, 0.0, 0.0]))
    )
    found = variant.discriminator_loss(batch(0.25, [0, 0, 0, 1]))
    right, wrong = -math.log(math.e / (math.e + 3)), -math.log(1 / (math.e + 3))
    assert found["real"].item() == pytest.approx(softplus(-0.25))
    assert found["fake"].item() == pytest.approx(softplus(-0.5))
    assert found["real_class"].item() == pytest.approx((3 * right + wrong) / 4)
    drawn = variant.generator.asked[-1].tolist()
    expected = sum(right if c == 0 else wrong for c in drawn) / 4
    assert found["fake_class"].item() == pytest.approx(expected)
    fool = variant.generator_loss(batch(0.25, [0, 0, 0, 1]))
    drawn = variant.generator.asked[-1].tolist()
    expected = sum(right if c == 0 else wrong for c in drawn) / 4
    assert fool["fool"].item() == pytest.approx(softplus(0.5))
    assert fool["class"].item() == pytest.approx(expected)


def test_class_loss_takes_logits() -> None:
    """After a softmax the cost of being sure and right would never get below 0.74 (10 classes)."""
    sure = torch.zeros(1, 10)
    sure[0, 3] = 50.0
    assert name_class(sure, torch.tensor([3])).item() == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="no labels"):
        name_class(sure, None)


def test_acgan_draws_every_class(make: Make) -> None:
    """`randint(0, 9)` never draws class 9."""
    variant: Any = make("acgan")
    drawn = variant.draw_classes(torch.empty(4000, 1))
    counts = torch.bincount(drawn, minlength=4)
    assert len(counts) == 4
    assert counts.min() > 850


def test_acgan_discriminator_is_not_told_the_class(make: Make) -> None:
    variant: Any = make("acgan")
    assert variant.discriminator.plane is None


class Linear(nn.Module):
    """The critic w . x, whose gradient is w everywhere."""

    def __init__(self, norm: float) -> None:
        super().__init__()
        w = torch.randn(64, generator=torch.Generator().manual_seed(3))
        self.w = nn.Parameter(norm * w / w.norm())

    def forward(self, x: Tensor, labels: Tensor | None = None) -> dict[str, Tensor]:
        return {"realness": x.flatten(1) @ self.w}


@pytest.mark.parametrize("norm", [0.5, 1.0, 3.0])
def test_wgan_gp_by_hand(make: Make, norm: float) -> None:
    """A linear critic: penalty = 10 (||w|| - 1)^2, over the whole sample and on both sides."""
    critic = Linear(norm)
    variant = rigged(make, "wgan_gp", judge=critic)
    found = variant.discriminator_loss(batch(0.25))
    total = critic.w.sum().item()
    assert found["penalty"].item() == pytest.approx(10 * (norm - 1) ** 2, abs=1e-4)
    assert found["fake"].item() == pytest.approx(-0.5 * total, abs=1e-5)
    assert found["real"].item() == pytest.approx(-0.25 * total, abs=1e-5)
    assert variant.generator_loss(batch(0.25))["fool"].item() == pytest.approx(
        0.5 * total, abs=1e-5
    )


def test_the_penalty_teaches_the_critic(make: Make) -> None:
    """Its gradient with respect to w is 2 lambda (||w|| - 1) w / ||w||: double backward works."""
    critic = Linear(3.0)
    two_sided(gradient_norm(lambda x: critic(x)["realness"], torch.rand(5, 1, 8, 8))).backward()
    assert critic.w.grad is not None
    expected = 2 * (3 - 1) * critic.w.detach() / 3
    assert torch.allclose(critic.w.grad, expected, atol=1e-4)


def test_points_between_have_one_alpha_per_sample() -> None:
    """One alpha a pixel, or one a batch, is what some public code has."""
    torch.manual_seed(0)
    real, fake = torch.zeros(50, 3, 4, 4), torch.ones(50, 3, 4, 4)
    alpha = between(real, fake).flatten(1)
    assert (alpha == alpha[:, :1]).all()
    assert len(alpha[:, 0].unique()) > 45
    assert alpha.min() >= 0
    assert alpha.max() <= 1


def test_points_between_do_not_reach_back_into_the_generator() -> None:
    fake = torch.ones(2, 1, 4, 4, requires_grad=True)
    assert not between(torch.zeros(2, 1, 4, 4), fake).requires_grad


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_no_sample_changes_what_wgan_gps_critic_says_of_another(norm: str) -> None:
    """With batch normalisation the penalty's gradient is not a sample's own (§4)."""
    kind = variants.find("wgan_gp")
    task = Task(channels=1, size=32, classes=0)  # large enough for a layer that is normalised
    critic = kind(task, kind.Hyper.model_validate({"norm": norm})).discriminator.train()
    x = torch.randn(4, 1, 32, 32)
    with torch.no_grad():
        alone, among = critic(x[:2])["realness"], critic(x)["realness"][:2]
    assert torch.allclose(alone, among, atol=1e-5)


def test_wgan_gp_has_the_papers_values(make: Make) -> None:
    """A published collection has lambda 0.25; several normalise the critic over the batch."""
    variant: Any = make("wgan_gp")
    assert variant.hyper.lambda_ == 10
    assert variant.critic_steps(0) == variant.critic_steps(1000) == 5
    assert (variant.hyper.learning_rate, variant.hyper.beta2) == (1e-4, 0.9)
    with pytest.raises(ValueError, match="norm"):
        make("wgan_gp", norm="batch")


def test_the_penalty_is_in_full_precision_under_autocast() -> None:
    critic = Linear(1.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        norm = gradient_norm(lambda x: critic(x)["realness"], torch.rand(5, 1, 8, 8))
    assert norm.dtype == torch.float32
    assert norm.tolist() == pytest.approx([1.0] * 5, abs=1e-5)


@pytest.mark.parametrize("theta", [0.5, 2.0])
def test_the_critic_finds_the_distance_of_two_parallel_lines(theta: float) -> None:
    """Arjovsky 2017, Example 1: W = theta, where the JS divergence is log 2 for any theta.

    Under the penalty the best slope g maximises theta g - lambda (g - 1)^2: it is
    1 + theta / (2 lambda), and the estimate theta g.
    """
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), nn.Flatten(0))
    optimiser = torch.optim.Adam(critic.parameters(), 5e-3, (0.5, 0.9))
    for _ in range(500):
        y = torch.rand(128, 2)
        real = torch.stack([torch.zeros(128), y[:, 0]], 1)
        fake = torch.stack([torch.full((128,), theta), y[:, 1]], 1)
        gap = critic(fake).mean() - critic(real).mean()
        optimiser.zero_grad()
        (gap + 10 * two_sided(gradient_norm(critic, between(real, fake)))).backward()
        optimiser.step()
    assert -gap.item() == pytest.approx(theta * (1 + theta / 20), rel=0.05)


@pytest.mark.parametrize(("a", "b", "c"), [(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0)])
def test_lsgan_by_hand(make: Make, a: float, b: float, c: float) -> None:
    """D(x) = 0.25 and D(G(z)) = -0.5, as they are: one collection squares a sigmoid."""
    variant = rigged(make, "lsgan", a=a, b=b, c=c)
    found = variant.discriminator_loss(batch(0.25))
    assert found["real"].item() == pytest.approx((0.25 - b) ** 2 / 2)
    assert found["fake"].item() == pytest.approx((-0.5 - a) ** 2 / 2)
    assert variant.generator_loss(batch(0.25))["fool"].item() == pytest.approx((-0.5 - c) ** 2 / 2)


def test_lsgan_minimises_pearsons_divergence() -> None:
    """With b - c = 1 and b - a = 2 and D optimal, 2 C(G) = chi^2(p + q || 2 q) (§3.3)."""
    p, q = torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.tensor([0.4, 0.3, 0.2, 0.1])
    a, b, c = -1.0, 1.0, 0.0
    best = (b * p + a * q) / (p + q)
    own = sum(
        weight * away_from(c, d[None])
        for weights in (p, q)
        for weight, d in zip(weights, best, strict=True)
    )
    chi = ((2 * q - (p + q)).square() / (p + q)).sum()
    assert 2 * float(own) == pytest.approx(chi.item(), rel=1e-4)


def test_wgan_by_hand(make: Make) -> None:
    variant = rigged(make, "wgan")
    found = variant.discriminator_loss(batch(0.25))
    assert {k: v.item() for k, v in found.items()} == {"real": -0.25, "fake": -0.5}
    assert variant.generator_loss(batch(0.25))["fool"].item() == 0.5


def test_wgan_clips_every_weight_and_warms_its_critic_up(make: Make) -> None:
    variant: Any = make("wgan", clip=0.001)
    largest = max(p.abs().max() for p in variant.discriminator.parameters())
    assert largest > 0.001
    before = [p.clone() for p in variant.generator.parameters()]
    variant.after_discriminator_step()
    assert max(p.abs().max() for p in variant.discriminator.parameters()) <= 0.001
    pairs = zip(before, variant.generator.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    assert [variant.critic_steps(step) for step in (0, 500)] == [5, 5]
    warm: Any = make("wgan", warm_up=25, catch_up=500)
    steps = {step: warm.critic_steps(step) for step in (0, 24, 25, 499, 500, 501)}
    assert steps == {0: 100, 24: 100, 25: 5, 499: 5, 500: 100, 501: 5}
    assert {type(o) for o in variant.optimisers().values()} == {torch.optim.RMSprop}


@pytest.mark.parametrize(
    ("penalty", "norm", "expected"),
    [
        ("two_sided", 0.5, 0.25),
        ("two_sided", 3.0, 4.0),
        ("hinge", 0.5, 0.0),
        ("hinge", 3.0, 8.0),
        ("squared", 3.0, 9.0),
    ],
)
def test_dragan_penalises_the_logits_slope(
    make: Make, penalty: str, norm: float, expected: float
) -> None:
    """The slope of w . x is |w|; that of its sigmoid, which two collections take, is not."""
    variant = rigged(make, "dragan", judge=Linear(norm), penalty=penalty, lambda_=0.25)
    found = variant.discriminator_loss(batch(0.25))
    assert found["penalty"].item() == pytest.approx(expected / 4, abs=1e-5)
    assert found["real"].item() > 0
    assert found["fake"].item() > 0


def test_dragan_looks_near_the_real_images() -> None:
    real = torch.linspace(-1, 1, 2 * 64).view(2, 1, 8, 8)
    away = near(real) - real
    deviation = real.std()
    assert 0 <= away.min() < 0.05 * deviation
    assert 0.45 * deviation < away.max() <= 0.5 * deviation
    assert near_normal(torch.zeros(50, 1, 8, 8), 0.1).std().item() == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("name", ["wgan", "dragan"])
def test_critics_of_these_are_not_normalised_over_the_batch(name: str) -> None:
    kind = variants.find(name)
    critic = kind(Task(channels=1, size=32, classes=0), kind.Hyper()).discriminator
    assert not any(isinstance(m, nn.BatchNorm2d) for m in critic.modules())
