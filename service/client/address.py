"""Address: where the service is and with which key, from arguments or the environment."""

import os

import httpx2

DEFAULT = "http://127.0.0.1:8000"


def url_of(given: str | None) -> str:
    """Read an address, else GANFORGE_URL. Raises ValueError for what is none."""
    text = given or os.environ.get("GANFORGE_URL") or DEFAULT
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise wrong(text, f" ({error})") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise wrong(text)
    if url.userinfo or url.query or url.fragment:
        raise ValueError(f"url: found more than an address and a path, expected {DEFAULT!r} or so")
    return str(url).rstrip("/")


def wrong(text: str, why: str = "") -> ValueError:
    return ValueError(f"url: found {text!r}{why}, expected http://HOST:PORT or https://HOST")


def key_of(given: str | None) -> str | None:
    """Read a key, else GANFORGE_API_KEY. Raises ValueError, which does not tell the key."""
    key = given or os.environ.get("GANFORGE_API_KEY") or None
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise ValueError(
            "key: found signs that no key has, expected one as `ganforge key` draws: is there a "
            "space or a line break at its end?"
        )
    return key
