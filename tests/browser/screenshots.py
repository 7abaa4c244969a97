"""What the playground looks like: `python -m tests.browser.screenshots FOLDER`.

Every view of the bundled models, at both widths, light and dark; and how long the first picture
takes, from the address to the last image of the grid, with nothing cached.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser

from service.settings import ZOO
from tests.browser.chromium import chromium
from tests.browser.visitor import NARROW, WIDE, Visitor, visit
from tests.service.test_server import serving

STATES = {
    "grid": "view=grid&model=acgan",
    "walk": "view=walk&model=acgan&seed=5&class=3&to=9&toClass=8",
    "codes": "view=codes&model=infogan&seed=4&categorical=2&continuous=1.2,-0.4",
    "compare": "view=compare&model=acgan&seed=5&class=7",
    "judge": "view=judge&model=acgan&seed=5&class=3",
    "reconstruct": "view=judge&model=ebgan&seed=5",
    "lacking": "view=codes&model=dcgan&weights=0123456789ab",
    "wrong": "view=grid&model=acgan&class=99&seed=abc",
    "detail": "view=grid&model=acgan-fashion&seed=5",
}
FIRST = """() => {
  const images = [...document.querySelectorAll("#grid-tiles img")];
  return images.length === 48 && images.every((one) => one.complete) && performance.now();
}"""


def shoot(visitor: Visitor, file: Path, state: str) -> None:
    """Take one picture, of the whole page but where a dialog is on it."""
    page = visitor.open(state)
    detail = file.stem.startswith("detail")
    if detail:
        page.locator("#grid-tiles button").nth(3).click()
        visitor.settle()
    page.screenshot(path=file, full_page=not detail)


def time_first(browser: Browser, address: str) -> float:
    """Return the milliseconds until all images of the grid are there."""
    with visit(browser, address) as visitor:
        visitor.page.goto(address)
        return float(visitor.page.wait_for_function(FIRST, polling="raf").json_value())


def main(folder: Path) -> None:
    """Write all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with serving(ZOO) as server, chromium() as browser:
        address = f"http://127.0.0.1:{server.port}"
        for size in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                with visit(
                    browser, address, size, color_scheme=scheme, reduced_motion="reduce"
                ) as visitor:
                    for name, state in STATES.items():
                        shoot(visitor, folder / f"{name}-{size[0]}-{scheme}.png", state)
        times = sorted(time_first(browser, address) for _ in range(5))
        print(f"first picture after {times[0]:.0f} to {times[-1]:.0f} ms, median {times[2]:.0f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.browser.screenshots FOLDER")
    main(Path(sys.argv[1]))
