"""Every network of the tables, at every size that they promise."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models import latents
from models.errors import UserError
from models.networks import DISCRIMINATORS, GENERATORS, AutoEncoder, build
from models.networks.clsgan import CLSGANDiscriminator, Stage
from models.networks.dcgan import normal_like, sides

every_size = pytest.mark.parametrize("size", [28, 32, 64, 128])
every_colour = pytest.mark.parametrize("channels", [1, 3])
hidden_or_not = pytest.mark.parametrize("hidden", [0, 6])
AUTO_ENCODERS = {name for name, kind in DISCRIMINATORS.items() if issubclass(kind, AutoEncoder)}


@pytest.mark.parametrize("name", sorted(GENERATORS))
@every_size
@every_colour
@hidden_or_not
@pytest.mark.parametrize("classes", [0, 5])
def test_every_generator_makes_images(
    name: str, size: int, channels: int, hidden: int, classes: int
) -> None:
    arguments = {"channels": channels, "size": size, "classes": classes, "width": 8, "latent": 16}
    generator = build(GENERATORS, name, {**arguments, "hidden": hidden or 6 * (name == "mlp")})
    condition = generator.embed(torch.tensor([0, classes - 1])) if classes else None
    with torch.no_grad():
        x = generator.eval()(torch.randn(2, 16), condition)
    assert x.shape == (2, channels, size, size)
    assert x.abs().max() <= 1


@pytest.mark.parametrize("name", sorted(DISCRIMINATORS.keys() - AUTO_ENCODERS))
@every_size
@every_colour
@hidden_or_not
@pytest.mark.parametrize("classes", [0, 5])
def test_every_discriminator_judges_images(
    name: str, size: int, channels: int, hidden: int, classes: int
) -> None:
    heads = {"realness": 1, "classes": 5}
    arguments = {"channels": channels, "size": size, "width": 8, "heads": heads}
    arguments |= {"classes": classes or 5 * (name == "clsgan"), "hidden": hidden or 6}
    discriminator = build(DISCRIMINATORS, name, arguments)
    labels = torch.tensor([0, 4]) if arguments["classes"] else None
    with torch.no_grad():
        logits = discriminator(torch.randn(2, channels, size, size), labels)
    assert logits["realness"].shape == (2,)
    assert logits["classes"].shape == (2, 5)


@pytest.mark.parametrize("name", sorted(AUTO_ENCODERS))
@every_size
@every_colour
@hidden_or_not
@pytest.mark.parametrize("error", ["absolute", "squared"])
def test_an_auto_encoders_energy_is_a_pixels_mean_error(
    name: str, size: int, channels: int, hidden: int, error: str
) -> None:
    arguments: dict[str, object] = {"channels": channels, "size": size, "width": 8}
    arguments |= {"code": 5, "hidden": hidden}
    arguments |= {"heads": {"energy": 1}, "error": error}
    judge = build(DISCRIMINATORS, name, arguments).eval()
    assert isinstance(judge, AutoEncoder)
    x = torch.rand(2, channels, size, size) * 2 - 1
    with torch.no_grad():
        rebuilt, energy = judge.reconstruct(x), judge(x)["energy"]
        assert judge.encoder(x).shape == (2, 5)
    assert rebuilt.shape == x.shape
    away = (x - rebuilt).abs() if error == "absolute" else (x - rebuilt) ** 2
    assert torch.allclose(energy, away.flatten(1).mean(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"heads": {"realness": 1}}, "an auto-encoder's one head is energy"),
        ({"classes": 3}, "takes no labels"),
        ({"error": "cubed"}, "error 'cubed' is unknown: expected one of absolute, squared"),
    ],
)
def test_an_auto_encoder_is_nothing_else(arguments: dict[str, object], message: str) -> None:
    good = {"channels": 1, "size": 28, "heads": {"energy": 1}}
    for name in AUTO_ENCODERS:
        with pytest.raises(ValueError, match=message):
            build(DISCRIMINATORS, name, {**good, **arguments})


def test_codes_are_a_part_of_the_latent() -> None:
    codes = {"categorical": (3, 4), "continuous": 2}
    for name in GENERATORS:
        generator = build(GENERATORS, name, {"channels": 1, "size": 28, "codes": codes})
        drawn = generator.latents(np.arange(50))
        assert drawn.shape == (50, generator.latent + 9)
        assert (drawn[:, : generator.latent] == latents.normal(np.arange(50), 64)).all()
        assert generator(torch.from_numpy(drawn)).shape == (50, 1, 28, 28)


def test_noise_is_for_training_alone() -> None:
    arguments = {"channels": 1, "size": 28, "heads": {"realness": 1}, "noise": 0.5}
    for name, own in (("dcgan", {"norm": "none"}), ("weight_norm", {})):
        judge: Any = build(DISCRIMINATORS, name, arguments | own)
        x = torch.zeros(2, 1, 28, 28)
        assert not torch.equal(judge.train()(x)["realness"], judge(x)["realness"])
        assert torch.equal(judge.eval()(x)["realness"], judge(x)["realness"])


@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
def test_noise_is_drawn_in_the_layout_of_what_it_disturbs(
    memory_format: torch.memory_format,
) -> None:
    x = torch.empty(64, 3, 8, 8).to(memory_format=memory_format)
    drawn = normal_like(x)
    assert drawn.stride() == x.stride()
    assert drawn.mean().item() == pytest.approx(0, abs=0.05)
    assert drawn.std().item() == pytest.approx(1, abs=0.05)
    assert len(drawn.unique()) > 0.99 * drawn.numel()


def test_the_length_of_a_normalised_weight_is_a_parameter_of_its_own() -> None:
    """w = g v / |v| (Salimans and Kingma 2016, equation 2): v's length means nothing, g's all."""
    arguments = {"channels": 1, "size": 28, "heads": {"classes": 3}, "noise": 0.0}
    judge: Any = build(DISCRIMINATORS, "weight_norm", arguments)
    x = torch.randn(2, 1, 28, 28)
    before = judge(x)["classes"]
    linear: list[Any] = [
        module for module in judge.modules() if isinstance(module, torch.nn.Linear)
    ]
    assert [layer.out_features for layer in linear] == [1000, 500, 250, 250, 250, 3]
    with torch.no_grad():
        for layer in linear:
            layer.parametrizations.weight.original1.mul_(3)
        assert torch.allclose(judge(x)["classes"], before, atol=1e-5)
        linear[-1].parametrizations.weight.original0.mul_(3)
        assert torch.allclose(judge(x)["classes"], 3 * before, atol=1e-5)


def test_an_auto_encoder_that_is_not_normalised_keeps_a_signals_variance() -> None:
    """With PyTorch's own weights began's code hardly depends on the image, and it learns black."""
    torch.manual_seed(0)
    judge: Any = build(
        DISCRIMINATORS, "began", {"channels": 1, "size": 28, "heads": {"energy": 1}, "width": 8}
    )
    spread = judge.encoder(torch.randn(64, 1, 28, 28)).std(0).mean().item()
    assert 0.3 < spread < 3


def test_a_label_joins_clsgans_discriminator_at_every_stage() -> None:
    """As concatenated constant maps would, away from the border."""
    torch.manual_seed(0)
    arguments = {"channels": 1, "size": 32, "heads": {"realness": 1}, "classes": 7}
    judge = build(DISCRIMINATORS, "clsgan", arguments).double()  # the two ways round differently
    assert isinstance(judge, CLSGANDiscriminator)
    x, labels = torch.randn(2, 1, 32, 32).double(), torch.tensor([1, 5])
    for stage in judge.stages:
        assert isinstance(stage, Stage)
        phi = judge.phi(labels)
        wide = torch.cat([x, phi[:, :, None, None].expand(-1, -1, *x.shape[2:])], dim=1)
        # A weight for each place of the kernel, together what the linear layer has.
        spread = stage.label.weight[:, :, None, None].expand(-1, -1, 4, 4) / 16
        kernel = torch.cat([stage.maps.weight, spread], dim=1)
        together = F.conv2d(wide, kernel, stage.maps.bias, stride=2, padding=1)
        own = stage.maps(x) + stage.label(phi)[:, :, None, None]
        assert torch.allclose(own[:, :, 1:-1, 1:-1], together[:, :, 1:-1, 1:-1], atol=1e-9)
        x = stage(x, phi)


def test_sides_halve_down_to_at_least_four() -> None:
    assert sides(28) == [7, 14, 28]
    assert sides(64) == [4, 8, 16, 32, 64]
    assert sides(48) == [6, 12, 24, 48]


@pytest.mark.parametrize("size", [1, 6, 7, 30, 31, 100 + 1])
def test_a_size_that_cannot_be_halved_is_the_users_error(size: int) -> None:
    if size == 30:  # 15 is the largest odd side that a network may start from
        assert sides(30) == [15, 30]
        return
    with pytest.raises(UserError, match=f"image size {size} cannot be halved"):
        sides(size)


def test_labels_change_what_is_made_and_what_is_judged() -> None:
    torch.manual_seed(0)
    arguments = {"channels": 1, "size": 28, "classes": 3}
    generator = build(GENERATORS, "dcgan", arguments).eval()
    z = torch.randn(1, 64)
    made = [generator(z, generator.embed(torch.tensor([k]))) for k in range(3)]
    assert not torch.equal(made[0], made[1])
    discriminator = build(DISCRIMINATORS, "dcgan", {**arguments, "heads": {"realness": 1}}).eval()
    judged = {discriminator(made[0], torch.tensor([k]))["realness"].item() for k in range(3)}
    assert len(judged) == 3
    with pytest.raises(ValueError, match="needs the labels"):
        discriminator(made[0])
    with pytest.raises(ValueError, match="takes no labels"):
        build(GENERATORS, "dcgan", {"channels": 1, "size": 28}).embed(torch.tensor([0]))


def test_names_are_looked_up_in_a_closed_table() -> None:
    with pytest.raises(ValueError, match=r"network 'os\.system' is unknown: expected one of began"):
        build(GENERATORS, "os.system", {})
    with pytest.raises(ValueError, match="does not take these arguments"):
        build(GENERATORS, "dcgan", {"channels": 1, "size": 28, "depth": 3})
    with pytest.raises(TypeError):
        GENERATORS["mine"] = torch.nn.Linear  # type: ignore[index]


def test_no_critic_under_a_penalty_is_normalised_over_the_batch() -> None:
    """With batch normalisation a sample's gradient depends on its neighbours (WGAN-GP, §4)."""
    torch.manual_seed(0)
    for norm, alone in (("none", True), ("layer", True), ("batch", False)):
        arguments = {"channels": 1, "size": 28, "heads": {"realness": 1}, "norm": norm}
        critic = build(DISCRIMINATORS, "dcgan", arguments).train()
        x = torch.randn(4, 1, 28, 28)
        company = critic(x)["realness"][:2]
        others = critic(torch.cat([x[:2], 3 * x[2:]]))["realness"][:2]
        assert torch.allclose(company, others, atol=1e-5) is alone


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_images_lie_between_minus_one_and_one_on_both_sides(name: str) -> None:
    torch.manual_seed(0)
    generator = build(GENERATORS, name, {"channels": 1, "size": 28})
    images = generator.eval()(10 * torch.randn(64, generator.latent))
    assert -1 <= images.min() < 0 < images.max() <= 1


@pytest.mark.parametrize("embedding", [16, 64])
def test_a_label_weighs_as_much_as_one_hot(embedding: int) -> None:
    """Wider labels drowned z: the generator made one image a class."""
    torch.manual_seed(0)
    generator = build(
        GENERATORS,
        "dcgan",
        {"channels": 1, "size": 28, "classes": 1000, "embedding": embedding},
    )
    length = generator.embed(torch.arange(1000)).norm(dim=1).mean()
    assert 0.9 < length < 1.1
