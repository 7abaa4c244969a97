"""Chromium: the one that the system has; Playwright's own need not be there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "google-chrome", "chromium-browser")


class NoChromiumError(Exception):
    """There is no browser to test with."""


def find() -> str:
    """Return the program's path. Raises NoChromiumError."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise NoChromiumError(
        f"no Chromium: none of {', '.join(NAMES)} is a command; apt-get install chromium"
    )


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start it, without a window. Raises NoChromiumError."""
    path = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()
