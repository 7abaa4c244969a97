"""A browser, the service on the bundled models and one on small models with keys, and a page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from models.card import Codes
from service.gate import digest_of
from service.settings import ZOO
from tests import zoo
from tests.browser.chromium import NoChromiumError, chromium
from tests.browser.visitor import Visitor, visit
from tests.service.test_server import serving

KEY = "open-sesame"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Fail, rather than skip, where there is nothing to test with."""
    try:
        with chromium() as found:
            yield found
    except NoChromiumError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture(scope="session")
def bundled() -> Iterator[str]:
    with serving(ZOO) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of other kinds than the bundled ones."""
    folder = tmp_path_factory.mktemp("small")
    zoo.write(folder, zoo.card("clothes", classes=("Bag & belt", "T-shirt/top")))
    zoo.write(folder, zoo.card("colour", channels=3, size=16))
    zoo.write(folder, zoo.card("shapes", classes=("circle", "square", "star")))
    zoo.write(folder, zoo.card("coded", codes=Codes(categorical=(3, 2), continuous=1)))
    return folder


@pytest.fixture(scope="session")
def plain(small: Path) -> Iterator[str]:
    with serving(small) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def guarded(small: Path) -> Iterator[str]:
    """A service with a key, whose owner may have 60 images a minute."""
    settings = {
        "GANFORGE_API_KEYS": f"visitor:{digest_of(KEY)}",
        "GANFORGE_KEY_IMAGES_PER_MINUTE": "60",
    }
    with serving(small, **settings) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def visitor(browser: Browser, bundled: str) -> Iterator[Visitor]:
    with visit(browser, bundled, reduced_motion="reduce") as visitor:
        yield visitor


@pytest.fixture
def guest(browser: Browser, plain: str) -> Iterator[Visitor]:
    """One who visits the small models."""
    with visit(browser, plain, reduced_motion="reduce") as visitor:
        yield visitor
