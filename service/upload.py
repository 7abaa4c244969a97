"""Upload: from the bytes of an image file to what a network sees."""

import io
from functools import partial

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request

from models import card
from models.picture import Pixels, pixels
from service import exchange
from service.errors import InvalidRequestError, NotAnImageError
from service.state import Service

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
LARGEST = 1 << 24  # pixels: four times those of a 4K screen
LONGEST = 1 << 14  # pixels of a side: what is long and thin takes ten times as long to scale


async def receive(request: Request, service: Service, wanted: card.Image) -> Pixels:
    """Read the body as an image, in its turn: (C, S, S).

    Raises a ServiceError that says what is wrong.
    """
    body = await exchange.receive(request, service)
    return await service.decoder.run(request.receive, len(body), partial(decode, body, wanted))


def decode(content: bytes, wanted: card.Image) -> Pixels:
    """Decode a file and fit it to a model. Raises NotAnImageError or InvalidRequestError."""
    try:
        with Image.open(io.BytesIO(content), formats=KINDS) as image:
            found = f"{image.width} x {image.height}"
            if image.width * image.height <= LARGEST and max(image.size) <= LONGEST:
                return pixels(image, wanted.height, wanted.channels)
    except Image.DecompressionBombError:  # which Pillow raises before it says the size
        found = "far more"
    except UnidentifiedImageError:
        begins = f"it begins with {content[:8]!r}" if content else "it is empty"
        raise unreadable(begins) from None
    except Exception as error:  # Pillow's decoders raise whatever the bytes lead them to
        raise unreadable(str(error)) from None
    raise InvalidRequestError(
        f"the image is too large, {found} pixels: expected at most {LARGEST} in all and {LONGEST} "
        "on a side, send a smaller one"
    )


def unreadable(why: str) -> NotAnImageError:
    return NotAnImageError(
        f"the body is no image that can be read ({why}): expected the bytes of a file, "
        f"{', '.join(KINDS)}, as curl --data-binary @FILE sends them"
    )
