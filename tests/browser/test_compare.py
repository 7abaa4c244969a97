"""Every model, one seed."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, execute, grey

pytestmark = pytest.mark.browser

IMAGES = "#compare-groups img"


def test_every_model_shows_what_it_makes_of_the_seed(visitor: Visitor) -> None:
    page = visitor.open("view=compare&seed=5&class=7")
    models = json.loads(visitor.fetch("/models"))["models"]
    names = page.locator("#compare-groups .tile span").all_inner_texts()
    assert sorted(names) == sorted(one["model"] for one in models)
    conditional = {one["model"] for one in models if one["card"]["class_names"]}
    expected = [
        grey(visitor.fetch(f"/images/{name}/5.png{'?class=7' * (name in conditional)}"))
        for name in names
    ]
    assert visitor.pixels(IMAGES) == expected
    assert page.locator("#compare-groups h3").all_inner_texts() == ["mnist", "fashion_mnist"]


def test_another_seed_is_another_row(visitor: Visitor) -> None:
    page = visitor.open("view=compare&seed=5")
    first = visitor.pixels(IMAGES)
    page.get_by_label("Seed", exact=True).press("ArrowUp")
    visitor.settle()
    assert visitor.pixels(IMAGES) != first
    page.get_by_label("Seed", exact=True).press("ArrowDown")
    visitor.settle()
    assert visitor.pixels(IMAGES) == first
    images = [address for address in visitor.asked if "/images/" in address]
    assert all("@" in address for address in images), "an address that a cache may keep"


def test_one_of_them_is_looked_at_and_used(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.open("view=compare&seed=5&class=7")
    page.get_by_role("button", name="lsgan-fashion", exact=False).last.click()
    expect(page.locator("#detail-facts")).to_contain_text("Classnone")
    name, content = visitor.saved(lambda: page.locator("#detail-download").click())
    assert name == "lsgan-fashion-5.png"
    command = visitor.copied(lambda: page.locator("#detail-curl").click())
    assert execute(command, tmp_path) == content
    page.locator("#detail-walk").click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("lsgan-fashion")


def test_the_command_makes_them_all(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("view=compare&seed=5&class=7")
    execute(visitor.copied(lambda: visitor.press("Copy as curl")), tmp_path)
    files = {file.name.removesuffix("-5.png") for file in tmp_path.glob("*-5.png")}
    assert files == {one["model"] for one in json.loads(visitor.fetch("/models"))["models"]}
    assert (tmp_path / "acgan-5.png").read_bytes() == visitor.fetch("/images/acgan/5.png?class=7")
    assert (tmp_path / "wgan-5.png").read_bytes() == visitor.fetch("/images/wgan/5.png")
