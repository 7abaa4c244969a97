"""Packing: answers that go out compressed, to those who take them so."""

from collections.abc import Mapping
from types import MappingProxyType

from zlib_ng import zlib_ng

from service.formats import preferences

WINDOWS: Mapping[str, int] = MappingProxyType(
    {"gzip": 16 + zlib_ng.MAX_WBITS, "deflate": zlib_ng.MAX_WBITS}
)
"""How zlib is told of a Content-Encoding (RFC 9110, §8.4.1)."""

NEGOTIATED = {"Vary": "Accept-Encoding"}


def choose(accept: str) -> str | None:
    """Name the encoding that an Accept-Encoding likes best; None is to leave an answer as it is."""
    wanted = preferences(accept)[0] if accept else []
    best = next((name for name in wanted if name in WINDOWS or name == "identity"), None)
    return best if best in WINDOWS else None


def pack(content: bytes, encoding: str) -> bytes:
    """Compress as fast as it goes."""
    return zlib_ng.compress(content, 1, WINDOWS[encoding])
