"""What goes wrong is said where it belongs, in the service's words; what was shown stays."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import zoo
from tests.browser.conftest import KEY
from tests.browser.visitor import Visitor, visit
from tests.service.test_server import serving, wait_until

pytestmark = pytest.mark.browser

TILES = "#grid-tiles"
FAILED = "Failed to load resource"


def seed(page: Page, text: str) -> None:
    page.get_by_label("Seed", exact=True).fill(text)
    page.get_by_label("Seed", exact=True).press("Enter")


def test_without_a_connection_the_images_stay_and_one_may_try_again(visitor: Visitor) -> None:
    visitor.expected = FAILED
    page = visitor.open()
    before = visitor.sources(TILES)
    visitor.context.set_offline(True)
    seed(page, "9")
    notice = page.locator("#grid .notice")
    expect(notice).to_contain_text("The service does not answer")
    assert visitor.sources(TILES) == before
    visitor.context.set_offline(False)
    visitor.press("Try again")
    expect(notice).to_be_hidden()
    visitor.settle()
    assert visitor.sources(TILES) != before


def test_a_connection_that_breaks_once_is_not_noticed(visitor: Visitor) -> None:
    visitor.expected = FAILED
    page = visitor.open()
    before = visitor.sources(TILES)
    page.route("**/generate", lambda route: route.abort("connectionreset"), times=1)
    seed(page, "9")
    visitor.settle()
    expect(page.locator("#grid .notice")).to_be_hidden()
    assert visitor.sources(TILES) != before


def test_every_view_says_it_in_its_own_place(visitor: Visitor) -> None:
    visitor.expected = FAILED
    page = visitor.open("model=infogan")
    for name in ("Walk", "Codes", "Compare", "Judge"):
        visitor.context.set_offline(True)
        page.get_by_role("tab", name=name).click()
        panel = page.get_by_role("tabpanel", name=name)
        expect(panel.get_by_role("alert").first).to_contain_text("does not answer")
        visitor.context.set_offline(False)
        panel.get_by_role("button", name="Try again").click()
        expect(panel.locator(".notice")).to_be_hidden()


def test_a_key_is_asked_for_kept_in_the_tab_and_never_copied(
    browser: Browser, guarded: str
) -> None:
    with visit(browser, guarded) as visitor:
        visitor.expected = "401|429"
        page = visitor.page
        page.goto(guarded)
        field = page.get_by_label("This service asks for a key")
        expect(field).to_be_focused()
        field.fill("wrong")
        field.press("Enter")
        expect(page.locator("#key-hint")).to_have_text("The service does not know this key.")
        field.fill(KEY)
        visitor.press("Use key")
        expect(page.locator("#grid-tiles img")).to_have_count(48)
        expect(field).to_be_hidden()
        kept = page.evaluate(
            "[Object.values(sessionStorage), localStorage.length, document.cookie]"
        )
        assert kept == [[KEY], 0, ""]
        command = visitor.copied(lambda: page.locator("#grid-curl").click())
        assert '"authorization: Bearer $GANFORGE_KEY"' in command
        assert KEY not in command + page.url
        page.reload()
        before_quota(visitor)
    with visit(browser, guarded) as other:
        other.expected = "401"
        other.page.goto(guarded)
        expect(other.page.get_by_label("This service asks for a key")).to_be_visible()


def before_quota(visitor: Visitor) -> None:
    """A key that has had its images is told so, with the time to wait."""
    notice = visitor.page.locator("#grid .notice")
    expect(notice).to_contain_text("60 images")
    expect(notice).to_contain_text("s)")


def test_new_weights_are_taken_up(browser: Browser, tmp_path: Path) -> None:
    card = zoo.card("digits", classes=("0", "1"))
    folder, other = tmp_path / "models", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    zoo.write(folder, card)
    renewed = zoo.write(other, card.model_copy(update={"variant": "cgan"}))
    with (
        serving(folder, GANFORGE_POLL_SECONDS="0.1") as server,
        visit(browser, f"http://127.0.0.1:{server.port}") as visitor,
    ):
        visitor.expected = "404"
        page = visitor.open()
        expect(page.locator("#card")).to_contain_text("Variantdcgan")
        before = json.loads(visitor.fetch("/models/digits"))["digest"]
        shutil.copy(renewed, folder / "digits.tmp")
        (folder / "digits.tmp").replace(folder / renewed.name)
        wait_until(lambda: before not in server.get("/models"))
        seed(page, "5")
        expect(page.locator("#card")).to_contain_text("Variantcgan")
        expect(page.locator("#page-notice")).to_contain_text(before[:12])


LIVE = """() => [...document.querySelectorAll("main :is(button, select, input, canvas)")]
  .filter((one) => one.checkVisibility() && !one.closest(".notice") && !one.matches(":disabled"))
  .map((one) => one.id)"""
DROP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], "x.png"));
  dispatchEvent(new DragEvent("drop", { dataTransfer }));
}"""


def test_a_service_without_models_says_so(browser: Browser, tmp_path: Path) -> None:
    gone = zoo.write(tmp_path, zoo.card("gone"))
    with (
        serving(tmp_path, GANFORGE_POLL_SECONDS="0.1") as server,
        visit(browser, f"http://127.0.0.1:{server.port}") as visitor,
    ):
        gone.unlink()
        wait_until(lambda: json.loads(server.get("/models"))["models"] == [])
        visitor.expected = "404"
        page, notice = visitor.page, visitor.page.locator("#page-notice")
        page.goto(f"{visitor.address}/#view=judge")
        expect(notice).to_contain_text("No model is served")
        for way in ("ganforge train", "GANFORGE_MODELS", "POST /admin/models/NAME/load", "status"):
            expect(notice).to_contain_text(way)
        assert page.evaluate(LIVE) == []
        page.evaluate(DROP)
        plain = zoo.write(tmp_path, zoo.card("plain"))
        wait_until(lambda: json.loads(server.get("/models"))["models"])
        visitor.press("Try again")
        expect(notice).to_be_hidden()
        page.get_by_role("tab", name="Grid").click()
        expect(page.locator("#grid-tiles img")).to_have_count(48)
        plain.unlink()
        wait_until(lambda: json.loads(server.get("/models"))["models"] == [])
        visitor.press("Next")
        expect(notice).to_contain_text("No model is served")
        assert page.evaluate(LIVE) == []
        expect(page.locator("#card")).to_be_empty()
