"""The walk from one seed to another."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.visitor import NARROW, Visitor, execute, visit

pytestmark = pytest.mark.browser

SCREEN = "#walk-screen"
STATE = "view=walk&model=acgan&seed=5&class=3&to=9&toClass=8&frames=16"


def frames(visitor: Visitor, **body: Any) -> list[tuple[int, ...]]:
    """Say what the service makes of a walk."""
    content = visitor.fetch("/interpolate", format="npy", **body)
    return [tuple(frame.flatten().tolist()) for frame in np.load(io.BytesIO(content))]


def between(first: dict[str, int], last: dict[str, int], **more: Any) -> dict[str, Any]:
    return {"model": "acgan", "keyframes": [first, last], "steps": 16, **more}


def test_the_slider_shows_each_frame_and_asks_for_none(visitor: Visitor) -> None:
    page = visitor.open(STATE)
    expected = frames(visitor, **between({"seed": 5, "class": 3}, {"seed": 9, "class": 8}))
    asked = len(visitor.questions)
    slider = page.get_by_label("Frame", exact=True)
    seen = visitor.pixels(SCREEN)
    for _ in expected[1:]:
        slider.press("ArrowRight")
        seen += visitor.pixels(SCREEN)
    assert seen == expected
    expect(page.locator("#walk-at")).to_have_text("Frame 16 of 16")
    slider.press("Home")
    assert visitor.pixels(SCREEN) == expected[:1]
    assert len(visitor.questions) == asked


@pytest.mark.parametrize("size", [(1280, 800), NARROW], ids=["wide", "narrow"])
def test_what_plays_it_is_seen_at_once_and_not_below_it(
    browser: Browser, bundled: str, size: tuple[int, int]
) -> None:
    phone = size == NARROW
    with visit(
        browser, bundled, size, reduced_motion="reduce", has_touch=phone, is_mobile=phone
    ) as visitor:
        page = visitor.open(STATE)
        screen = page.locator(SCREEN)
        expect(screen).to_be_in_viewport(ratio=0.9)
        for control in ("#walk-play", "#walk-frame", "#walk-at"):
            expect(page.locator(control)).to_be_in_viewport(ratio=1)
        tops = [page.locator(one).bounding_box()["y"] for one in ("#walk-play", SCREEN)]  # type: ignore[index]
        assert tops[0] <= tops[1]


def test_it_plays_and_pauses(visitor: Visitor) -> None:
    page = visitor.open(STATE)
    expect(page.locator("#walk-at")).to_have_text("Frame 1 of 16")
    visitor.press("Play")
    expect(page.locator("#walk-at")).not_to_have_text("Frame 1 of 16")
    visitor.press("Pause")
    at = page.locator("#walk-at").inner_text()
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")  # three frames long
    expect(page.locator("#walk-at")).to_have_text(at)


def test_it_plays_by_itself_only_where_motion_is_welcome(browser: Browser, bundled: str) -> None:
    for motion, text in (("no-preference", "Pause"), ("reduce", "Play")):
        with visit(browser, bundled, reduced_motion=motion) as visitor:
            page = visitor.open(STATE)
            expect(page.locator("#walk-play")).to_have_text(text)
            page.get_by_role("tab", name="Grid").click()
            expect(page.locator("#walk-play")).to_have_text("Play")


def test_where_to_and_in_how_many_frames_is_chosen(visitor: Visitor) -> None:
    page = visitor.open("view=walk&seed=5")
    to = page.get_by_label("To seed", exact=True)
    to.fill("12")
    to.press("Enter")
    visitor.choose("To class", "4")
    visitor.choose("Frames", "16")
    page.get_by_label("And back to where it began").check()
    visitor.settle()
    body = between({"seed": 5}, {"seed": 12, "class": 4}, loop=True)
    page.get_by_label("Frame", exact=True).press("End")
    assert visitor.pixels(SCREEN) == frames(visitor, **body)[-1:]
    page.locator("#walk-shuffle").click()
    expect(to).not_to_have_value("12")
    to.fill("far")
    to.press("Enter")
    expect(page.locator("#walk-to-error")).to_contain_text("Expected a whole number")
    expect(to).to_have_value("far")


def test_a_model_without_classes_asks_for_none(visitor: Visitor) -> None:
    page = visitor.open("view=walk&model=dcgan&toClass=3")
    expect(page.get_by_label("To class", exact=True)).to_be_hidden()
    assert visitor.pixels(SCREEN) == frames(
        visitor, model="dcgan", keyframes=[{"seed": 0}, {"seed": 1}], steps=32
    )[:1]  # fmt: skip


def test_the_animation_is_saved_and_the_command_makes_the_same(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.open(STATE)
    name, content = visitor.saved(lambda: visitor.press("Download GIF"))
    assert name == "acgan-5-to-9.gif"
    assert Image.open(io.BytesIO(content)).n_frames > 8  # type: ignore[attr-defined]
    assert execute(visitor.copied(lambda: visitor.press("Copy as curl")), tmp_path) == content


def test_colours_are_shown_as_they_are(guest: Visitor) -> None:
    page = guest.open("view=walk&model=colour&seed=2&to=3")
    image = np.asarray(Image.open(io.BytesIO(guest.fetch("/images/colour/2.png"))))
    shown = page.locator(SCREEN).evaluate(
        "(one) => [...one.getContext('2d').getImageData(0, 0, 16, 16).data]"
    )
    assert (np.reshape(shown, (16, 16, 4))[:, :, :3] == image).all()
