"""The page's address: it holds what is shown, and what else it says is said and does no harm."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

TILES = "#grid-tiles"
SAID = r"The address says (\w+)=.+; expected .+\. Shown is .+\."


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
    ("state", "wrong"),
    [
        ("view=nowhere&seed=-1&n=0&class=x&frames=1e9", "view seed n class frames"),
        ("view=grid&class=99&seed=99999999999999999999&n=99999", "seed n class"),
        ("view=walk&frames=300&to=NaN&toClass=-1&loop=maybe", "frames to toClass loop"),
        ("view=codes&model=infogan&categorical=1,x&continuous=1e9", "categorical continuous"),
        ("view=codes&model=infogan&categorical=10&continuous=,,NaN", "categorical continuous"),
        ("view=judge&model=cgan&as=1000&class=1000", "as class"),
        ("view=compare&class=9007199254740993&__proto__=1&constructor=2", "class"),
        ("seed=&class=&loop=0&continuous=-3,,3&model=dcgan", ""),
        ("&&&==%%%25%zz", ""),
        ("\u202e\N{FIRE}=\0", ""),
    ],
)
def test_what_makes_no_sense_in_an_address_is_said_and_does_no_harm(
    visitor: Visitor, state: str, wrong: str
) -> None:
    page = visitor.open(state)
    notices = page.locator("main .notice:visible p").all_inner_texts()
    said = [one for one in notices if not one.endswith(" It changes nothing.")]  # unknown names
    assert {re.fullmatch(SAID, one)[1] for one in said} == set(wrong.split())  # type: ignore[index]
    assert len(said) == len(wrong.split())
    visitor.open()
    assert len(visitor.sources(TILES)) == 48


@pytest.mark.parametrize("sign", ["#", "?"])
def test_a_wrong_class_and_seed_are_named_until_something_is_chosen(
    visitor: Visitor, sign: str
) -> None:
    visitor.open()
    usual = visitor.sources(TILES)
    page = visitor.page
    page.goto("about:blank")
    page.goto(f"{visitor.address}/{sign}class=99&seed=abc")
    notice = page.locator("#page-notice")
    expect(notice.locator("p")).to_have_text(
        [
            "The address says seed=abc; expected a whole number from 0 to 9007199254740991. "
            "Shown is seed 0.",
            "The address says class=99; expected a class by its number, from 0 to 9 for acgan. "
            "Shown is the class that the seed draws.",
        ]
    )
    page.wait_for_url(f"{visitor.address}/#view=grid&model=acgan&*seed=0")
    visitor.settle()
    assert visitor.sources(TILES) == usual
    visitor.choose("Class", "7")
    expect(notice).to_be_hidden()


def test_the_end_of_what_is_wrong_is_cut(visitor: Visitor) -> None:
    page = visitor.open(f"seed={'9' * 500}")
    expect(page.locator("#page-notice")).to_contain_text(f"seed={'9' * 40}…; expected")


def test_a_name_that_means_nothing_is_said(visitor: Visitor) -> None:
    page = visitor.open("model=acgan&klass=7&seed=3&__proto__=1")
    said = page.locator("#page-notice p").all_inner_texts()
    assert [one.partition(";")[0] for one in said] == [
        "The address says klass=7",
        "The address says __proto__=1",
    ]
    assert all("expected are view, model, weights, class, seed, n," in one for one in said)
    expect(page.get_by_label("Seed", exact=True)).to_have_value("3")


def test_a_link_with_a_question_mark_shows_what_it_says(visitor: Visitor) -> None:
    visitor.open("model=cgan&class=4&seed=9")
    expected = visitor.sources(TILES)
    page = visitor.page
    page.goto(f"{visitor.address}/?model=cgan&class=4&seed=9")
    page.wait_for_url(f"{visitor.address}/#view=grid&model=cgan&*class=4&seed=9")
    visitor.settle()
    assert visitor.sources(TILES) == expected


def test_a_class_that_was_chosen_stays_for_the_models_that_have_it(guest: Visitor) -> None:
    """Only a link can be wrong: no visitor is told of another model's class."""
    page = guest.open("model=shapes&class=2")
    guest.choose("Model", "clothes")
    guest.settle()
    expect(page.locator("main .notice:visible")).to_have_count(0)
    expect(page.get_by_label("Class", exact=True)).to_have_value("")
    guest.choose("Model", "shapes")
    expect(page.get_by_label("Class", exact=True)).to_have_value("2")
    guest.open("model=clothes&class=2")
    expect(page.locator("#page-notice")).to_contain_text("from 0 to 1 for clothes")
