"""The main path without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """Return the id of what has the focus, or its words."""
    name: str = page.evaluate(
        "document.activeElement.id || document.activeElement.textContent.trim()"
    )
    return name


def tab_to(page: Page, name: str) -> None:
    """Press Tab until something has the focus, as a person would, and see that it shows."""
    seen = []
    while focused(page) != name:
        page.keyboard.press("Tab")
        seen.append(focused(page))
        assert len(seen) < 30, seen
    outline = page.evaluate(
        "(({ outlineStyle, outlineWidth }) => outlineStyle + outlineWidth)"
        "(getComputedStyle(document.activeElement))"
    )
    assert outline == "solid2px"


def test_from_the_address_to_an_image(visitor: Visitor) -> None:
    page = visitor.open()
    page.keyboard.press("Tab")
    assert focused(page) == "skip"
    expect(page.locator("#skip")).to_be_in_viewport()
    tab_to(page, "model")
    page.keyboard.type("clsgan")
    tab_to(page, "class")
    page.keyboard.type("7")
    tab_to(page, "seed")
    page.keyboard.type("40")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    visitor.settle()
    expect(page.get_by_role("heading", name="Seeds 41 to 88")).to_be_visible()
    tab_to(page, "grid-curl")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(":focus img").get_attribute("alt") == "clsgan, seed 54, 7"
    page.keyboard.press("End")
    assert page.locator(":focus img").get_attribute("alt") == "clsgan, seed 88, 7"
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.locator(":focus img").get_attribute("alt") == "clsgan, seed 88, 7"
    page.keyboard.press("Tab")
    assert focused(page) == "grid-more"


def test_arrows_choose_the_view_and_tab_goes_into_it(visitor: Visitor) -> None:
    page = visitor.open()
    tab_to(page, "tab-grid")
    page.keyboard.press("ArrowRight")
    visitor.settle()
    expect(page.get_by_role("tab", name="Walk")).to_have_attribute("aria-selected", "true")
    assert focused(page) == "tab-walk"
    page.keyboard.press("Tab")
    assert focused(page) == "walk-download"
    tab_to(page, "walk-play")
    page.keyboard.press("Space")
    expect(page.locator("#walk-play")).to_have_text("Pause")
    tab_to(page, "walk-loop")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    tab_to(page, "walk-loop")
    page.keyboard.press("Space")
    expect(page.locator("#walk-loop")).to_be_checked()


def test_the_skip_link_passes_all_controls(visitor: Visitor) -> None:
    page = visitor.open()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "panels"
    page.wait_for_url("**view=grid**")  # the address is written a moment later


def test_what_is_done_is_said(visitor: Visitor) -> None:
    page = visitor.open()
    visitor.press("Copy as curl")
    expect(page.get_by_role("status")).to_have_text("Copied the command")
