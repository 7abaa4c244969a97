"""Both widths, both colour schemes: nothing sticks out, everything can be read."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import NARROW, WIDE, Visitor, visit

pytestmark = pytest.mark.browser

VIEWS = ("grid", "walk", "codes", "compare", "judge")
STATES = [
    *(f"view={view}&model=infogan" for view in VIEWS),
    "view=codes&model=acgan",
    "view=judge&model=catgan-fashion",
    "view=judge&model=ebgan",
    "class=99&seed=abc&n=0",
    f"model=acgan&seed={2**53 - 50}&class=3",
]
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 80))"""
FAINT = """() => {
  const light = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    const [R, G, B] = [r, g, b].map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return [0.2126 * R + 0.7152 * G + 0.0722 * B, a];
  };
  const ground = (one) => {
    const [found, a] = light(getComputedStyle(one).backgroundColor);
    return a === 1 || !one.parentElement ? found : ground(one.parentElement);
  };
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && one.matches(":not(:disabled, option, .status)"))
    .filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((one) => {
      const [a, b] = [light(getComputedStyle(one).color)[0], ground(one)].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    })
    .map((one) => one.outerHTML.slice(0, 80));
}"""

CUT = """() => [...document.querySelectorAll("select")]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const { font, paddingLeft, paddingRight } = getComputedStyle(one);
    const pen = Object.assign(new OffscreenCanvas(1, 1).getContext("2d"), { font });
    const room = one.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return [...one.options].some(({ text }) => pen.measureText(text).width > room);
  })
  .map((one) => one.id)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_sticks_out_and_everything_can_be_read(
    browser: Browser, bundled: str, size: tuple[int, int], scheme: Any
) -> None:
    with visit(browser, bundled, size, color_scheme=scheme, reduced_motion="reduce") as visitor:
        for state in STATES:
            page = visitor.open(state)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], state
            assert page.evaluate(WIDEST) == [], state
            assert page.evaluate(FAINT) == [], state
        page.locator("#grid-tiles button").first.click()
        visitor.settle()
        expect(page.locator("#detail-strip img")).to_have_count(10)
        assert page.evaluate(WIDEST) == []
        assert page.evaluate(FAINT) == []


def test_no_choice_is_cut_on_a_phone(browser: Browser, bundled: str) -> None:
    with visit(browser, bundled, NARROW, has_touch=True, is_mobile=True) as visitor:
        for state in ("view=walk", "view=walk&model=acgan-fashion", "view=codes&model=infogan"):
            page = visitor.open(state)
            assert page.evaluate(CUT) == [], state


def test_dark_is_dark(browser: Browser, bundled: str) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        with visit(browser, bundled, color_scheme=scheme) as visitor:
            page = visitor.open()
            grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(250, 248, 245)", "rgb(21, 19, 17)"]


def test_a_finger_can_hit_what_is_to_be_pressed(browser: Browser, bundled: str) -> None:
    with visit(browser, bundled, NARROW, has_touch=True, is_mobile=True) as visitor:
        page = visitor.open()
        heights = page.locator("button:visible:not(.tile), select:visible").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44
        page.get_by_role("tab", name="Judge").tap()
        page.locator("#judge-pad").scroll_into_view_if_needed()
        touch(visitor)
        expect(page.locator("#judge-verdict")).to_contain_text("Real")


def touch(visitor: Visitor) -> None:
    """Draw with a finger: the page must not scroll under it."""
    page = visitor.page
    box = page.locator("#judge-pad").bounding_box()
    assert box is not None
    session = visitor.context.new_cdp_session(page)
    before, scrolled = visitor.pixels("#judge-pad"), page.evaluate("scrollY")
    for kind, share in (("Start", 0.2), ("Move", 0.5), ("Move", 0.8), ("End", None)):
        x = box["x"] + box["width"] / 4
        points = [] if share is None else [{"x": x, "y": box["y"] + share * box["height"]}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    assert visitor.pixels("#judge-pad") != before
    assert page.evaluate("scrollY") == scrolled
