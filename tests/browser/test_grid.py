"""The grid, and one image of it, large."""

import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, execute, grey

pytestmark = pytest.mark.browser

TILES = "#grid-tiles"


def shown(visitor: Visitor, **body: object) -> list[str]:
    """Say what the page has to show of an answer of the service's."""
    answer = json.loads(visitor.fetch("/generate", **body, format="json"))
    return [f"data:image/png;base64,{image['png']}" for image in answer["images"]]


def test_first_the_images_of_the_first_model_that_takes_a_class(visitor: Visitor) -> None:
    page = visitor.open()
    assert visitor.sources(TILES) == shown(visitor, model="acgan", seed=0, n=48)
    expect(page.get_by_label("Model", exact=True)).to_have_value("acgan")
    expect(page.get_by_role("heading", name="Seeds 0 to 47")).to_be_visible()
    digest = json.loads(visitor.fetch("/models/acgan"))["digest"]
    expect(page.locator("#card")).to_contain_text(f"Weights{digest[:12]}")
    alt = page.locator(f"{TILES} img").first.get_attribute("alt")
    assert re.fullmatch(r"acgan, seed 0, \d", alt or "")


def test_model_class_and_seed_are_chosen(visitor: Visitor) -> None:
    page = visitor.open()
    visitor.choose("Model", "acgan-fashion")
    visitor.choose("Class", "Bag")
    page.get_by_label("Seed", exact=True).fill("77")
    page.get_by_label("Seed", exact=True).press("Enter")
    visitor.settle()
    expected = shown(visitor, model="acgan-fashion", seed=77, n=48, **{"class": "Bag"})
    assert visitor.sources(TILES) == expected


@pytest.mark.parametrize("model", ["dcgan", "sgan"])
def test_a_model_without_classes_says_so(visitor: Visitor, model: str) -> None:
    """Whether labels were there in training is another question: sgan had them, dcgan not."""
    page = visitor.open()
    visitor.choose("Model", model)
    expect(page.get_by_label("Class", exact=True)).to_be_disabled()
    expect(page.locator("#class-hint")).to_have_text(f"The generator of {model} takes no class.")
    visitor.choose("Model", "cgan")
    expect(page.get_by_label("Class", exact=True)).to_be_enabled()
    expect(page.locator("#class-hint")).to_be_hidden()


def test_shuffle_draws_another_seed(visitor: Visitor) -> None:
    page = visitor.open()
    before = visitor.sources(TILES)
    page.locator("#shuffle").click()
    visitor.settle()
    seed = int(page.get_by_label("Seed", exact=True).input_value())
    assert visitor.sources(TILES) == shown(visitor, model="acgan", seed=seed, n=48) != before


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "seven", str(2**53), "9" * 40])
def test_what_is_no_seed_is_kept_and_said(visitor: Visitor, text: str) -> None:
    page = visitor.open("seed=4")
    before, seed = visitor.sources(TILES), page.get_by_label("Seed", exact=True)
    seed.fill(text)
    seed.press("Enter")
    expect(page.locator("#seed-error")).to_have_text(
        f"Expected a whole number from 0 to {2**53 - 1}"
    )
    expect(seed).to_have_value(text)
    expect(seed).to_have_attribute("aria-invalid", "true")
    assert visitor.sources(TILES) == before
    seed.fill("5")
    seed.press("Enter")
    expect(page.locator("#seed-error")).to_be_hidden()
    expect(page.get_by_role("heading", name="Seeds 5 to 52")).to_be_visible()


def test_pages_go_on_and_back_and_never_past_the_seeds_there_are(visitor: Visitor) -> None:
    page = visitor.open()
    expect(page.locator("#grid-back")).to_be_disabled()
    visitor.press("Next")
    visitor.settle()
    assert visitor.sources(TILES) == shown(visitor, model="acgan", seed=48, n=48)
    visitor.press("Back")
    expect(page.get_by_role("heading", name="Seeds 0 to 47")).to_be_visible()
    visitor.open(f"seed={2**53 - 3}")
    assert len(visitor.sources(TILES)) == 3
    expect(page.locator("#grid-on")).to_be_disabled()
    expect(page.locator("#grid-more")).to_be_disabled()


def test_more_seeds_are_added_below(visitor: Visitor) -> None:
    page = visitor.open()
    before = visitor.sources(TILES)
    visitor.press("More seeds")
    visitor.settle()
    assert visitor.sources(TILES)[:48] == before
    assert len(visitor.sources(TILES)) == 96
    visitor.open("n=960")
    expect(page.locator("#grid-more")).to_be_hidden()


def test_the_grid_is_saved_and_the_command_makes_the_same(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("seed=3&class=7")
    name, content = visitor.saved(lambda: visitor.press("Download"))
    assert name == "acgan-3.png"
    assert content == visitor.fetch(
        "/generate", model="acgan", seed=3, n=48, format="grid", **{"class": 7}
    )
    command = visitor.copied(lambda: visitor.press("Copy as curl"))
    assert execute(command, tmp_path) == content


def test_one_image_is_looked_at_saved_and_copied(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.open("model=acgan-fashion&class=8&seed=10")
    page.locator(f"{TILES} button").nth(1).click()
    dialog = page.get_by_role("dialog", name="acgan-fashion, seed 11")
    expect(dialog).to_contain_text("ClassBag")
    name, content = visitor.saved(lambda: page.locator("#detail-download").click())
    assert name == "acgan-fashion-11-Bag.png"
    assert content == visitor.fetch("/images/acgan-fashion/11.png?class=Bag")
    command = visitor.copied(lambda: page.locator("#detail-curl").click())
    assert execute(command, tmp_path) == content
    page.locator("#detail-close").click()
    expect(dialog).to_be_hidden()


def test_the_link_to_an_image_shows_it(visitor: Visitor) -> None:
    page = visitor.open("seed=20")
    page.locator(f"{TILES} button").nth(2).click()
    link = visitor.copied(lambda: page.locator("#detail-link").click())
    first = visitor.sources(TILES)[2]
    visitor.open(link.partition("#")[2])
    assert visitor.sources(TILES)[0] == first


def test_arrows_go_from_image_to_image(visitor: Visitor) -> None:
    page = visitor.open()
    page.locator(f"{TILES} button").first.click()
    expect(page.locator("#detail-back")).to_be_disabled()
    page.locator("#detail-on").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#detail-at")).to_have_text("3 of 48")
    assert page.locator("#detail-image").get_attribute("src") == visitor.sources(TILES)[2]
    page.locator("#detail-back").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#detail-at")).to_have_text("1 of 48")


def test_the_same_seed_is_shown_in_every_class(visitor: Visitor) -> None:
    page = visitor.open("seed=6")
    page.locator(f"{TILES} button").first.click()
    visitor.settle()
    expected = [visitor.fetch(f"/images/acgan/6.png?class={digit}") for digit in range(10)]
    assert visitor.pixels("#detail-strip img") == [grey(one) for one in expected]


def test_from_an_image_to_its_walk_and_its_verdict(visitor: Visitor) -> None:
    page = visitor.open("seed=30")
    page.locator(f"{TILES} button").nth(4).click()
    page.locator("#detail-walk").click()
    expect(page.get_by_role("heading", name="From seed 34 to seed 1")).to_be_visible()
    page.get_by_role("tab", name="Grid").click()
    page.locator(f"{TILES} button").first.click()
    page.locator("#detail-judge").click()
    expect(page.locator("#judge-verdict")).to_contain_text("Real")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("34")


def test_small_images_keep_their_pixels(visitor: Visitor) -> None:
    page = visitor.open()
    tile = page.locator(f"{TILES} img").first
    assert tile.evaluate("(one) => getComputedStyle(one).imageRendering") == "pixelated"
    assert tile.evaluate("(one) => [one.naturalWidth, one.naturalHeight]") == [28, 28]


def test_models_of_other_kinds_are_shown_too(guest: Visitor) -> None:
    page = guest.open("model=colour")
    _, content = guest.saved(lambda: page.locator("#grid-download").click())
    assert Image.open(io.BytesIO(content)).mode == "RGB"
    guest.choose("Model", "clothes")
    guest.choose("Class", "Bag & belt")
    guest.settle()
    page.locator(f"{TILES} button").first.click()
    name, content = guest.saved(lambda: page.locator("#detail-download").click())
    assert name == "clothes-0-Bag-belt.png"
    assert content == guest.fetch("/images/clothes/0.png?class=Bag+%26+belt")
