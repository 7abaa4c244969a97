"""The discriminator's verdict on a picture."""

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor, execute, grey

pytestmark = pytest.mark.browser

PAD = "#judge-pad"
VERDICT = "#judge-verdict"

BRING = """([kind, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def bring(page: Page, kind: str, content: bytes, name: str = "a.png") -> None:
    """Drop or paste a file."""
    text = base64.b64encode(content).decode()
    page.evaluate(BRING, [kind, name, "image/png", text])


def stroke(page: Page, *points: tuple[float, float]) -> None:
    """Draw a line on the pad, through places that are shares of its sides."""
    box = page.locator(PAD).bounding_box()
    assert box is not None
    for place, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if place == 0:
            page.mouse.down()
    page.mouse.up()


def percent(said: dict[str, dict[str, float]]) -> str:
    """Write a probability as the page does."""
    share = said["realness"]["value"]
    return f"{100 * share:.{int(not 0.0995 < share < 0.9995)}f} %"


def test_at_first_it_judges_the_image_of_the_seed(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=acgan&seed=5&class=7")
    image = visitor.fetch("/images/acgan/5.png?class=7")
    assert visitor.pixels(PAD) == [grey(image)]
    said = visitor.context.request.post(
        f"{visitor.address}/discriminate?model=acgan", data=image
    ).json()
    expect(page.locator(f"{VERDICT} .realness strong")).to_have_text(percent(said))
    expect(page.locator(f"{VERDICT} .most")).to_contain_text("7")
    expect(page.locator("#judge-said")).to_contain_text(f"Real {percent(said)}; class 7, ")
    visitor.choose("Class", "2")
    expect(page.locator(f"{VERDICT} .most")).to_contain_text("2")


def test_a_digit_is_drawn_and_recognised(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=acgan")
    visitor.press("Clear")
    expect(page.locator(VERDICT)).to_have_text("Nothing drawn yet.")
    stroke(page, (0.52, 0.2), (0.5, 0.5), (0.48, 0.8))
    expect(page.locator(f"{VERDICT} .most span").first).to_have_text("1")
    drawn = visitor.pixels(PAD)
    visitor.choose("Model", "sgan")
    visitor.settle()
    assert visitor.pixels(PAD) == drawn, "another model judges the same picture"
    expect(page.locator(f"{VERDICT} .most span").first).to_have_text("1")
    visitor.press("Use the seed's image")
    visitor.settle()
    assert visitor.pixels(PAD) == [grey(visitor.fetch("/images/sgan/0.png"))]


def test_the_keyboard_draws_too(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=acgan")
    visitor.press("Clear")
    pad = page.locator(PAD)
    for _ in range(8):
        pad.press("ArrowUp")
    assert visitor.pixels(PAD) == [(0,) * 784], "the pen is up"
    pad.press("Space")
    for _ in range(16):
        pad.press("ArrowDown")
    pad.press("Space")
    pad.press("ArrowLeft")
    expect(page.locator(f"{VERDICT} .most span").first).to_have_text("1")
    (drawn,) = visitor.pixels(PAD)
    assert drawn[14 * 28 + 13] > 200
    assert drawn[14 * 28 + 9] == 0


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_file_is_judged(visitor: Visitor, way: str) -> None:
    page = visitor.open("view=judge&model=acgan&class=1" if way == "choose" else "")
    image = visitor.fetch("/images/acgan/5.png?class=7")
    if way == "choose":
        file = {"name": "a.png", "mimeType": "image/png", "buffer": image}
        page.get_by_label("Choose a file").set_input_files(file)  # type: ignore[arg-type]
    else:
        bring(page, way, image)
    expect(page.get_by_role("tab", name="Judge")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"{VERDICT} .most span").first).to_have_text("7")
    assert visitor.pixels(PAD) == [grey(image)]


def test_a_photo_is_cut_to_its_middle_and_what_is_transparent_is_white(visitor: Visitor) -> None:
    page = visitor.open("view=judge")
    photo = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    photo.paste((255, 0, 0, 255), (300, 0, 450, 300))
    file = io.BytesIO()
    photo.save(file, "PNG")
    bring(page, "drop", file.getvalue())
    expect(page.locator(VERDICT)).to_contain_text("Real")
    (shown,) = visitor.pixels(PAD)
    assert abs(shown[14 * 28 + 3] - 54) < 30, "red is a dark grey"
    assert shown[14 * 28 + 24] == 255


def test_what_is_no_picture_is_said_and_the_last_one_stays(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=acgan&class=7")
    before, said = visitor.pixels(PAD), page.locator(VERDICT).inner_text()
    bring(page, "drop", b"no picture", "notes.txt")
    expect(page.locator("#judge .notice")).to_contain_text("notes.txt is no picture")
    assert visitor.pixels(PAD) == before
    expect(page.locator(VERDICT)).to_have_text(said, use_inner_text=True)


def test_a_discriminator_that_is_told_the_class_asks_for_it(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=cgan&seed=5&class=7")
    expect(page.get_by_label("Judge it as")).to_have_value("7")
    seven = page.locator(VERDICT).inner_text()
    visitor.choose("Judge it as", "1")
    visitor.settle()
    assert page.locator(VERDICT).inner_text() != seven
    visitor.choose("Model", "acgan")
    expect(page.get_by_label("Judge it as")).to_be_hidden()


def test_an_auto_encoder_shows_what_it_makes_of_the_picture(visitor: Visitor) -> None:
    page = visitor.open("view=judge&model=ebgan&seed=5")
    expect(page.locator(VERDICT)).to_contain_text("Energy")
    expected = visitor.context.request.post(
        f"{visitor.address}/reconstruct?model=ebgan", data=visitor.fetch("/images/ebgan/5.png")
    ).body()
    assert visitor.pixels("#judge-rebuilt-image") == [grey(expected)]
    visitor.choose("Model", "dcgan")
    expect(page.locator("#judge-rebuilt")).to_be_hidden()


@pytest.mark.parametrize(
    ("model", "word"),
    [("catgan", "Sure"), ("lsgan", "Score"), ("wgan", "Critic"), ("infogan", "Category 1")],
)
def test_every_kind_of_verdict_is_written(visitor: Visitor, model: str, word: str) -> None:
    page = visitor.open(f"view=judge&model={model}")
    expect(page.locator(VERDICT)).to_contain_text(word)


def test_the_picture_is_saved_and_the_command_judges_it(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.open("view=judge&model=cgan-fashion&seed=5&class=8")
    name, content = visitor.saved(lambda: visitor.press("Download"))
    (tmp_path / name).write_bytes(content)
    command = visitor.copied(lambda: visitor.press("Copy as curl"))
    assert "class=Bag" in command
    said = json.loads(execute(command, tmp_path))
    expect(page.locator(f"{VERDICT} strong")).to_have_text(percent(said))


def test_the_pad_has_the_pixels_of_the_model(guest: Visitor) -> None:
    page = guest.open("view=judge&model=colour")
    assert len(guest.pixels(PAD)[0]) == 16 * 16
    guest.choose("Model", "clothes")
    expect(page.locator(PAD)).to_have_attribute("width", "12")
