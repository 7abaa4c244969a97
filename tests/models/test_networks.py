"""Every network of the tables, at every size that they promise."""

import pytest
import torch

from models.errors import UserError
from models.networks import DISCRIMINATORS, GENERATORS, build
from models.networks.dcgan import sides


@pytest.mark.parametrize("name", sorted(GENERATORS))
@pytest.mark.parametrize("size", [28, 32, 64, 128])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("classes", [0, 5])
def test_pairs_fit_each_other(name: str, size: int, channels: int, classes: int) -> None:
    arguments = {"channels": channels, "size": size, "classes": classes, "width": 8}
    generator = build(GENERATORS, name, {**arguments, "latent": 16})
    discriminator = build(
        DISCRIMINATORS, name, {**arguments, "heads": {"realness": 1, "classes": 5}}
    )
    labels = torch.tensor([0, classes - 1]) if classes else None
    condition = None if labels is None else generator.embed(labels)
    with torch.no_grad():
        x = generator(torch.randn(2, 16), condition)
        logits = discriminator(x, labels)
    assert x.shape == (2, channels, size, size)
    assert x.abs().max() <= 1
    assert logits["realness"].shape == (2,)
    assert logits["classes"].shape == (2, 5)


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
    with pytest.raises(ValueError, match=r"network 'os\.system' is unknown: expected one of dcgan"):
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
    images = generator(10 * torch.randn(64, generator.latent))
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
