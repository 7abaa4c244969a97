"""Picture: one PNG of the report with what it shows, and the ways that one is made."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from models.pixels import Pixels, grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDEST = 1600  # pixels, of a grid after it was enlarged
GREY = "#808080"  # read as well on white as on black


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`name` is the file's, without its ending; `title` stands over it, `alt` in its place."""

    name: str
    title: str
    alt: str
    png: bytes
    width: int
    height: int


def from_images(name: str, title: str, alt: str, images: Tensor, columns: int) -> Picture:
    """Lay uint8 images (N, C, S, S) out row by row, enlarged in whole steps."""
    table = grid(images.permute(0, 2, 3, 1).numpy(), columns)
    return from_pixels(name, title, alt, table)


def from_pixels(name: str, title: str, alt: str, table: Pixels) -> Picture:
    """Make a picture of pixels (H, W, C)."""
    image = Image.fromarray(table.squeeze(-1) if table.shape[2] == 1 else table)
    return from_image(name, title, alt, enlarged(image))


def enlarged(image: Image.Image) -> Image.Image:
    """Repeat pixels, at most three times, so that small images are seen as they are."""
    times = max(1, min(3, WIDEST // image.width))
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def from_image(name: str, title: str, alt: str, image: Image.Image) -> Picture:
    """Make a picture of an image."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return Picture(
        name=name,
        title=title,
        alt=alt,
        png=buffer.getvalue(),
        width=image.width,
        height=image.height,
    )


def labelled_rows(rows: Sequence[tuple[str, Pixels]]) -> Image.Image:
    """Lay rows out, pixels (n, H, W, C) each, with its name before each."""
    strips = [enlarged(Image.fromarray(flat(grid(p, len(p))))) for _, p in rows]
    font = ImageFont.load_default(size=max(14, strips[0].height // 4))
    margin = 16 + max(round(font.getlength(name)) for name, _ in rows)
    size = (margin + strips[0].width, sum(strip.height for strip in strips))
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    draw, top = ImageDraw.Draw(image), 0
    for (name, _), strip in zip(rows, strips, strict=True):
        draw.text((margin - 10, top + strip.height / 2), name, GREY, font, anchor="rm")
        image.paste(strip, (margin, top))
        top += strip.height
    return image


def flat(table: Pixels) -> Pixels:
    """Drop the one channel of a grey picture: (H, W, 1) to (H, W)."""
    return table.squeeze(-1) if table.shape[2] == 1 else table


def from_figure(name: str, title: str, alt: str, figure: "Figure") -> Picture:
    """Make a picture of a plot, without a background, so that it stands on any page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=140, transparent=True)
    return from_image(name, title, alt, Image.open(buffer))


def quiet(axes: "Axes") -> "Axes":
    """Draw what is around the curves in a grey that is read on white and on black."""
    axes.tick_params(which="both", colors=GREY, labelsize=8)
    axes.xaxis.label.set_color(GREY)
    axes.yaxis.label.set_color(GREY)
    axes.title.set_color(GREY)
    axes.grid(color=GREY, alpha=0.25, linewidth=0.6)
    for spine in axes.spines.values():
        spine.set_color(GREY)
        spine.set_alpha(0.4)
    return axes


def as_pixels(images: Tensor) -> Pixels:
    """Order uint8 images (N, C, S, S) as pixels (N, S, S, C)."""
    return np.ascontiguousarray(images.permute(0, 2, 3, 1).numpy())
