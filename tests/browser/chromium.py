"""Chromium: the one that the system has; Playwright's own need not be there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

PATIENCE = 30_000
"""Milliseconds after which something has not come true: no test is about how long it takes."""

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
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            browser.close()
