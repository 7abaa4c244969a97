"""Unpacking: bodies that came compressed, and never more of one than a body may have."""

import zlib

from service.errors import BodyTooLargeError, EncodingError

ANY_HEADER = 32 + zlib.MAX_WBITS
"""zlib finds out whether it is gzip's or its own."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Undo a Content-Encoding (RFC 9110, §8.4). Raises EncodingError or BodyTooLargeError."""
    name = encoding.strip().lower()
    if name in ("identity", ""):
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise EncodingError(f"content-encoding: found {encoding[:50]!r}, expected gzip or deflate")
    unpacker = zlib.decompressobj(ANY_HEADER)
    try:
        content = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise EncodingError(f"content-encoding is {name}, the body is not: {error}") from None
    if len(content) > limit:
        raise BodyTooLargeError("more when it is unpacked", limit)
    if not unpacker.eof or unpacker.unused_data:
        raise EncodingError(f"content-encoding is {name}, the body does not end as it should")
    return content
