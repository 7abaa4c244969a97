"""The page's address: it holds what is shown, and whatever else it says does no harm."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TILES = "#grid-tiles"


def test_a_link_shows_the_same_images(visitor: Visitor) -> None:
    page = visitor.open()
    visitor.choose("Model", "clsgan")
    visitor.choose("Class", "4")
    page.get_by_label("Seed", exact=True).fill("123")
    page.get_by_label("Seed", exact=True).press("Enter")
    visitor.press("More seeds")
    visitor.settle()
    shown = visitor.sources(TILES)
    digest = json.loads(visitor.fetch("/models/clsgan"))["digest"]
    state = f"view=grid&model=clsgan&weights={digest[:12]}&class=4&seed=123&n=96"
    page.wait_for_url(f"{visitor.address}/#{state}")
    visitor.open(state)
    assert visitor.sources(TILES) == shown
    expect(page.get_by_label("Class", exact=True)).to_have_value("4")


def test_every_view_is_in_the_address(visitor: Visitor) -> None:
    page = visitor.open()
    for name in ("Walk", "Codes", "Compare", "Judge", "Grid"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_url(f"{visitor.address}/#view={name.lower()}&*")
        visitor.settle()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()


def test_back_takes_a_step_back(visitor: Visitor) -> None:
    page = visitor.open("seed=3")
    visitor.choose("Model", "dcgan")
    page.get_by_role("tab", name="Compare").click()
    visitor.settle()
    page.go_back()
    expect(page.get_by_role("tabpanel", name="Grid")).to_be_visible()
    expect(page.get_by_label("Model", exact=True)).to_have_value("dcgan")
    page.go_back()
    expect(page.get_by_label("Model", exact=True)).to_have_value("acgan")
    visitor.settle()
    assert "seed 3" in str(page.locator(f"{TILES} img").first.get_attribute("alt"))


def test_a_link_to_other_weights_says_that_the_images_are_others(visitor: Visitor) -> None:
    page = visitor.open("model=acgan&weights=0123456789ab&seed=1")
    notice = page.locator("#page-notice")
    expect(notice).to_contain_text("made with the weights 0123456789ab of acgan")
    assert len(visitor.sources(TILES)) == 48
    visitor.press("All right")
    expect(notice).to_be_hidden()
    page.wait_for_url(
        "**weights=" + json.loads(visitor.fetch("/models/acgan"))["digest"][:12] + "*"
    )


def test_a_link_to_a_model_that_is_not_there_says_so(visitor: Visitor) -> None:
    page = visitor.open("model=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&view=grid")
    expect(page.locator("#page-notice")).to_have_text(
        "No model is called <img src=x onerror=alert(1)> here: this is acgan."
    )
    assert len(visitor.sources(TILES)) == 48


@pytest.mark.parametrize(
    "state",
    [
        "view=nowhere&seed=-1&n=0&class=x&frames=1e9",
        "view=grid&class=99&seed=99999999999999999999&n=99999",
        "view=walk&frames=300&to=NaN&toClass=-1&loop=maybe",
        "view=codes&model=infogan&categorical=99,-1,x&continuous=1e9,x,,,,NaN",
        "view=judge&model=cgan&as=1000&class=1000",
        "view=compare&class=9007199254740993&__proto__=1&constructor=2",
        "&&&==%%%25%zz",
        "\u202e\N{FIRE}=\0",
    ],
)
def test_an_address_that_makes_no_sense_does_no_harm(visitor: Visitor, state: str) -> None:
    page = visitor.open(state)
    expect(page.locator("main .notice:visible")).to_have_count(0)
    visitor.open()
    assert len(visitor.sources(TILES)) == 48
