"""InfoGAN's codes."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, execute, grey

pytestmark = pytest.mark.browser

IMAGE = "#codes-image"


def made(visitor: Visitor, seed: int, **codes: object) -> tuple[int, ...]:
    """Say what the service makes of a seed and codes."""
    return grey(visitor.fetch("/generate", model="infogan", seed=seed, codes=codes))


def test_sliders_and_categories_change_the_image(visitor: Visitor) -> None:
    page = visitor.open("view=codes&model=infogan&seed=4")
    assert visitor.pixels(IMAGE) == [grey(visitor.fetch("/images/infogan/4.png"))]
    page.get_by_label("Continuous 1").fill("1.5")
    page.get_by_label("Continuous 2").press("ArrowLeft")
    visitor.choose("Category 1", "7")
    visitor.settle()
    codes = {"categorical": [7], "continuous": [1.5, -0.05]}
    assert visitor.pixels(IMAGE) == [made(visitor, 4, **codes)]
    expect(page.locator("#code-continuous-0-value")).to_have_text("1.50")
    visitor.press("Reset")
    visitor.settle()
    assert visitor.pixels(IMAGE) == [made(visitor, 4)]
    expect(page.locator("#code-continuous-0-value")).to_have_text("drawn from the seed")


def test_every_category_is_shown_and_can_be_taken(visitor: Visitor) -> None:
    page = visitor.open("view=codes&model=infogan&seed=4")
    tiles = page.locator("#codes-tiles button")
    expect(tiles).to_have_count(10)
    expected = [made(visitor, 4, categorical=[value]) for value in range(10)]
    assert visitor.pixels("#codes-tiles img") == expected
    tiles.nth(6).click()
    visitor.settle()
    expect(tiles.nth(6)).to_have_attribute("aria-pressed", "true")
    expect(tiles.nth(6)).to_be_focused()
    expect(page.get_by_label("Category 1")).to_have_value("6")
    assert visitor.pixels(IMAGE) == expected[6:7]


def test_a_slider_that_is_drawn_asks_no_more_than_can_be_answered(visitor: Visitor) -> None:
    """Of values that come while one is computed only the newest is asked for."""
    page = visitor.open("view=codes&model=infogan")
    before = len(visitor.questions)
    page.get_by_label("Continuous 1").evaluate(
        """(slider) => {
             for (let at = 0; at <= 60; at++) {
               slider.value = at / 20;
               slider.dispatchEvent(new Event("input", { bubbles: true }));
             }
           }"""
    )
    visitor.settle()
    assert len(visitor.questions) - before == 4  # the first and the last, an image and the row each
    assert visitor.pixels(IMAGE) == [made(visitor, 0, continuous=[3])]


def test_it_is_saved_and_the_command_makes_the_same(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("view=codes&model=infogan&seed=4&categorical=2&continuous=,-1")
    name, content = visitor.saved(lambda: visitor.press("Download"))
    assert name == "infogan-4-codes.png"
    assert execute(visitor.copied(lambda: visitor.press("Copy as curl")), tmp_path) == content
    assert grey(content) == made(visitor, 4, categorical=[2], continuous=[None, -1])


def test_a_model_without_codes_names_those_that_have_some(visitor: Visitor) -> None:
    page = visitor.open("view=codes")
    expect(page.locator("#codes-lacking")).to_contain_text("acgan has no codes")
    expect(page.locator("#codes-body")).to_be_hidden()
    expect(page.locator("#codes-curl")).to_be_hidden()
    visitor.press("infogan-fashion")
    expect(page.locator("#codes-lacking")).to_be_hidden()
    expect(page.get_by_label("Model", exact=True)).to_have_value("infogan-fashion")
    expect(page.locator(IMAGE)).to_be_visible()


def test_each_code_of_a_model_has_its_control(guest: Visitor) -> None:
    page = guest.open("view=codes&model=coded&categorical=2,1&continuous=0.5,0.5")
    expect(page.get_by_label("Category 1")).to_have_value("2")
    expect(page.get_by_label("Category 2")).to_have_value("1")
    expect(page.get_by_label("Continuous 1")).to_have_value("0.5")
    expect(page.get_by_label("Continuous 2")).to_have_count(0)
    expect(page.locator("#codes-tiles button")).to_have_count(3)


def test_a_category_that_a_model_does_not_have_is_said(guest: Visitor) -> None:
    page = guest.open("view=codes&model=coded&categorical=3,1")
    expect(page.locator("#page-notice")).to_contain_text(
        "The address says categorical=3,1; expected whole numbers, with commas between, "
        "below 3, below 2."
    )
    for label in ("Category 1", "Category 2"):
        expect(page.get_by_label(label)).to_have_value("")
