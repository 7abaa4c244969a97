from pathlib import Path

import pytest

from models.errors import UserError
from training import variants
from training.zoo.cli import plan, settings
from training.zoo.entry import Entry
from training.zoo.order import Order


@pytest.mark.parametrize("name", variants.names())
def test_what_was_not_asked_is_the_variants_own(name: str) -> None:
    kind = variants.find(name)
    config = Order(out=Path("out")).config(Entry(variant=name, data="mnist", seed=2))
    assert (config.variant, config.data, config.seed) == (name, "mnist", 2)
    assert (config.epochs, config.batch, config.hyper) == (kind.epochs, kind.batch, {})


def test_settings_are_each_ones_or_every_ones() -> None:
    found = settings(["latent=8", "gan.latent=4", "gan.loss=minimax"])
    order = Order(out=Path("out"), settings=found, epochs=2)
    gan = order.config(Entry(variant="gan", data="mnist"))
    assert (gan.hyper, gan.epochs) == ({"latent": 4, "loss": "minimax"}, 2)
    assert order.config(Entry(variant="dcgan", data="mnist")).hyper == {"latent": 8}


def test_settings_of_an_unknown_variant_are_an_error() -> None:
    with pytest.raises(UserError, match="variant 'gna' is unknown"):
        settings(["gna.latent=4"])


def test_the_plan_is_every_variant_on_every_data_set_first_seeds_first() -> None:
    entries = list(plan(["gan", "dcgan"], ["mnist", "digits"], 2))
    assert [entry.title for entry in entries] == [
        "gan", "dcgan", "gan-digits", "dcgan-digits",
        "gan-s1", "dcgan-s1", "gan-digits-s1", "dcgan-digits-s1",
    ]  # fmt: skip


def test_a_plan_without_data_says_what_to_do() -> None:
    with pytest.raises(UserError, match="--data is missing: name a data set"):
        list(plan(["gan"], [], 1))
