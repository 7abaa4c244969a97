"""Visitor: one page of the playground; what a page must not do is noted, and fails the test."""

import io
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

WIDE, NARROW = (1280, 900), (390, 844)


PIXELS = """(all) => Promise.all(all.map(async (one) => {
  await one.decode?.();
  const width = one.naturalWidth ?? one.width, height = one.naturalHeight ?? one.height;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(one, 0, 0);
  return [...context.getImageData(0, 0, width, height).data].filter((_, at) => at % 4 === 0);
}))"""


class Visitor:
    """A page, and what it asked for, complained of and sent elsewhere."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.expected: str | None = None
        self.shaken = False
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._note)

    def _hear(self, message: ConsoleMessage) -> None:
        if "ERR_NETWORK_CHANGED" in message.text:
            self.shaken = True
            return
        wanted = self.expected is not None and re.search(self.expected, message.text)
        if message.type in ("error", "warning") and not wanted:
            self.complaints.append(f"{message.type}: {message.text}")

    def _note(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("data", "blob"):
            return
        self.asked.append(request.url)
        if where.netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, state: str = "") -> Page:
        """Open the page in a state, anew, and wait for its first images.

        Chromium drops what it loads when the machine's networks change, as they do when a
        container starts: then once more.
        """
        self.shaken = True
        while self.shaken:
            self.shaken = False
            self.page.goto("about:blank")
            self.page.goto(f"{self.address}/#{state}")
        expect(self.page.locator("#model")).to_be_enabled()
        self.settle()
        return self.page

    @property
    def questions(self) -> list[str]:
        """What was asked beside the page's own files, of which the icon comes late."""
        return [address for address in self.asked if "/web/" not in address]

    def settle(self) -> None:
        """Wait until no view is asking for anything."""
        expect(self.page.locator("[aria-busy]")).to_have_count(0)

    def sources(self, selector: str) -> list[str]:
        """Return what the images show, in their order."""
        images = self.page.locator(f"{selector} img")
        found: list[str] = images.evaluate_all("all => all.map((one) => one.src)")
        return found

    def pixels(self, selector: str) -> list[tuple[int, ...]]:
        """Return the grey pixels that images or canvases show, in their order."""
        found: list[list[int]] = self.page.locator(selector).evaluate_all(PIXELS)
        return [tuple(one) for one in found]

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by its label."""
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).press("Enter")

    def saved(self, press: Callable[[], object]) -> tuple[str, bytes]:
        """Return the name and the bytes of the file that pressing something saves."""
        with self.page.expect_download() as download:
            press()
        return download.value.suggested_filename, Path(download.value.path()).read_bytes()

    def copied(self, press: Callable[[], object]) -> str:
        """Return what pressing something puts on the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        press()
        self.page.wait_for_function("async () => await navigator.clipboard.readText()")
        text: str = self.page.evaluate("navigator.clipboard.readText()")
        return text

    def fetch(self, path: str, **body: Any) -> bytes:
        """Ask the service itself, past the page."""
        asked = self.context.request
        url = f"{self.address}{path}"
        answer = asked.post(url, data=body) if body else asked.get(url)
        assert answer.ok, answer.text()
        return answer.body()


def grey(content: bytes) -> tuple[int, ...]:
    """Return the pixels of a file."""
    return tuple(Image.open(io.BytesIO(content)).convert("L").tobytes())


def execute(command: str, folder: Path) -> bytes:
    """Run a command line as a shell does, and return what it prints, or the last file it writes."""
    run = subprocess.run(["sh", "-ec", command], cwd=folder, capture_output=True, check=True)
    words = shlex.split(command)
    return (folder / words[-1]).read_bytes() if words[-2] == "-o" else run.stdout


@contextmanager
def visit(
    browser: Browser, address: str, size: tuple[int, int] = WIDE, **options: Any
) -> Iterator[Visitor]:
    """Open a browser window of its own; complaints are errors at its end."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    try:
        visitor = Visitor(context, address)
        yield visitor
        assert visitor.complaints == []
    finally:
        context.close()
