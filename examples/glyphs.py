"""Glyphs: a folder of pictures, one class a character, and how well a GAN has learnt them.

python examples/glyphs.py render glyphs --characters 500
python examples/glyphs.py agreement runs/glyphs/glyphs.safetensors glyphs
python examples/glyphs.py picture runs/glyphs/glyphs.safetensors glyphs glyphs.png
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Annotated, Self

import numpy as np
import torch
import typer
from PIL import Image, ImageChops, ImageDraw, ImageFont
from torch import Tensor

from models import checkpoint
from models.checkpoint import Checkpoint
from models.errors import UserError
from models.pixels import grid
from training.data import DataSet, load
from training.evaluate.memorisation import nearest
from training.evaluate.served import Indices, served

FONTS = Path("/usr/share/fonts/truetype")  # where Debian's packages put them
PACKAGES = {
    "fonts-arphic-gbsn00lp": "arphic-gbsn00lp/gbsn00lp.ttf",
    "fonts-arphic-gkai00mp": "arphic-gkai00mp/gkai00mp.ttf",
    "fonts-wqy-microhei": "wqy/wqy-microhei.ttc",
    "fonts-wqy-zenhei": "wqy/wqy-zenhei.ttc",
}
LEVEL_1 = 3755  # characters in GB 2312's first level: 94 a row from row 0xB0 on
UNASSIGNED = "\uffff"  # by Unicode's promise: what a font draws here stands for a missing glyph
MANY = 0.1  # of the characters: a font that lacks more is hardly the one that was meant
NAMED = 10
FINE = 2  # a drawing's pixels to one of the picture's, on a side
EM = 0.8  # of a picture's side
SHIFT, TURN, GROWTH = 0.04, math.radians(4), 0.08  # at most: of the side; radians; of the size
LINE, WHITE, SCALE = 2, 255, 2

Argument, Option = typer.Argument, typer.Option
Model = Annotated[Path, Argument(metavar="CHECKPOINT", help="What was trained on the folder.")]
Folder = Annotated[Path, Argument(help="What `render` made.")]

app = typer.Typer(no_args_is_help=True)


class GlyphError(UserError):
    """Glyphs that cannot be drawn or compared; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Pen:
    """A font that draws on squares of `side` pixels."""

    name: str
    font: ImageFont.FreeTypeFont
    side: int

    @classmethod
    def of(cls, path: Path, side: int) -> Self:
        """Open a font's file. Raises GlyphError."""
        basic = ImageFont.Layout.BASIC  # Raqm's differs, and not every Pillow has it
        try:
            font = ImageFont.truetype(path, round(side * EM), layout_engine=basic)
        except OSError as error:
            raise GlyphError(
                f"{path}: {error}; expected a TrueType or OpenType font: give another --font"
            ) from error
        return cls(name=path.stem, font=font, side=side)

    def draw(self, character: str) -> Image.Image | None:
        """Draw a character, white on black, its ink in the middle; None where the font lacks it."""
        drawing = self.ink(character)
        lacks = ImageChops.difference(drawing, self.missing).getbbox() is None
        return None if lacks or drawing.getbbox() is None else drawing

    @cached_property
    def missing(self) -> Image.Image:
        """What the font draws in the place of a character that it lacks."""
        return self.ink(UNASSIGNED)

    def ink(self, text: str) -> Image.Image:
        """Draw whatever the font has for a text."""
        drawing = Image.new("L", (self.side, self.side))
        left, top, right, bottom = self.font.getbbox(text)
        corner = ((self.side - left - right) / 2, (self.side - top - bottom) / 2)
        ImageDraw.Draw(drawing).text(corner, text, fill=255, font=self.font)
        return drawing


@app.command("render")
def render_command(
    out: Annotated[Path, Argument(help="Folder to make, with one sub-folder a character.")],
    characters: Annotated[
        int, Option(min=1, max=LEVEL_1, help="How many: the first of GB 2312, level 1.")
    ] = 500,
    size: Annotated[int, Option(min=8, max=512, help="Side of a picture.")] = 32,
    font: Annotated[
        list[Path] | None, Option(help="A font's file; give several. [Debian's four]")
    ] = None,
    jitters: Annotated[int, Option(min=1, help="Pictures a font: one upright, others moved.")] = 4,
    seed: Annotated[int, Option(help="Decides how they are moved.")] = 0,
) -> None:
    """Draw characters in several fonts, moved a little: a data set of very many classes."""
    fonts = font or installed()
    lacking = render(out, gb2312(characters), fonts, size=size, jitters=jitters, seed=seed)
    for line in account(lacking, characters):
        typer.echo(line)
    drawn = characters * len(fonts) - sum(map(len, lacking.values()))
    typer.echo(f"{out}: {drawn * jitters} pictures of {len(list(out.iterdir()))} characters")


def gb2312(count: int) -> str:
    """List the first characters of GB 2312, level 1; they are in the order of their sound."""
    places = (divmod(index, 94) for index in range(count))
    return b"".join(bytes((0xB0 + row, 0xA1 + cell)) for row, cell in places).decode("gb2312")


def installed(root: Path = FONTS) -> list[Path]:
    """Find the fonts of Debian's packages. Raises GlyphError."""
    found = [root / file for file in PACKAGES.values() if (root / file).is_file()]
    if not found:
        raise GlyphError(
            f"no font with Chinese characters is in {root}; expected those of Debian: apt-get "
            f"install {' '.join(PACKAGES)}, or give a font's file with --font"
        )
    return found


def render(
    out: Path, characters: str, fonts: Sequence[Path], *, size: int, jitters: int, seed: int
) -> dict[str, str]:
    """Write OUT/CHARACTER/FONT-JITTER.png, and return the characters that each font lacks.

    Raises GlyphError.
    """
    if out.exists() and any(out.iterdir()):
        raise GlyphError(f"{out} is not empty: give another folder, or remove it")
    pens = {path.stem: Pen.of(path, size * FINE) for path in fonts}
    if len(pens) < len(fonts):
        raise GlyphError("two of the fonts' files have the same name: give one of them another")
    lacking = dict.fromkeys(pens, "")
    for name, pen in pens.items():
        for character in characters:
            if drawing := pen.draw(character):
                write(out / character, name, drawing, jitters, seed)
            else:
                lacking[name] += character
    if all(lacks == characters for lacks in lacking.values()):
        raise GlyphError(f"no font has any of the characters: give others than {', '.join(pens)}")
    return lacking


def account(lacking: Mapping[str, str], asked: int) -> Iterator[str]:
    """Say which fonts lack what, if any do."""
    for name, lacks in lacking.items():
        if lacks:
            doubt = "; is it a font of simplified Chinese?" if len(lacks) > MANY * asked else ""
            shown = lacks[:NAMED] + ("…" if len(lacks) > NAMED else "")
            yield f"{name} lacks {len(lacks)} of {asked} characters: {shown}{doubt}"


def write(folder: Path, name: str, drawing: Image.Image, jitters: int, seed: int) -> None:
    """Write the pictures of one character in one font."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(jitters):
        # Of each picture alone, so that none depends on which others are drawn.
        random = Random(f"{seed}/{folder.name}/{name}/{number}")
        picture = moved(drawing, random) if number else drawing
        picture.reduce(FINE).save(folder / f"{name}-{number}.png")


def moved(drawing: Image.Image, random: Random) -> Image.Image:
    """Shift, turn and scale a drawing a little."""
    middle = drawing.width / 2
    angle, scale = random.uniform(-TURN, TURN), 1 + random.uniform(-GROWTH, GROWTH)
    right, down = (random.uniform(-SHIFT, SHIFT) * drawing.width for _ in "xy")
    cosine, sine = math.cos(angle) / scale, math.sin(angle) / scale
    # From places in the picture back to places in the drawing, both from the middle.
    x, y = middle + right, middle + down
    way = (
        *(cosine, sine, middle - cosine * x - sine * y),
        *(-sine, cosine, middle + sine * x - cosine * y),
    )
    return drawing.transform(drawing.size, Image.Transform.AFFINE, way, Image.Resampling.BICUBIC)


@app.command("agreement")
def agreement_command(
    model: Model,
    folder: Folder,
    seeds: Annotated[int, Option(min=1, help="Pictures of each character.")] = 4,
) -> None:
    """Say how often the nearest picture of the folder is of the character that was asked for."""
    gan = checkpoint.load(model)
    data = pictures(gan, folder)
    typer.echo(f"{data.classes} characters, {seeds} pictures of each: the nearest in {folder} is")
    typer.echo(f"of the character that was asked for: {agreement(gan, data, seeds):.2%}")
    typer.echo(f"of its own, for as many of {folder} itself: {leave_one_out(data, seeds):.2%}")


def pictures(gan: Checkpoint, folder: Path) -> DataSet:
    """Read the pictures that a model was trained on. Raises GlyphError."""
    image = gan.card.image
    data = load(str(folder), size=image.height, channels=image.channels)
    if data.class_names != gan.card.class_names:
        raise GlyphError(
            f"{folder} has {data.classes} characters and {gan.card.name} makes "
            f"{len(gan.card.class_names)}, not the same ones: give the folder that it learnt from"
        )
    return data


def agreement(gan: Checkpoint, data: DataSet, seeds: int) -> float:
    """Return the share of a model's pictures whose nearest one in the data is of their class."""
    asked = np.repeat(np.arange(data.classes), seeds)
    made = served(gan.generator, np.arange(len(asked)), asked)
    return shared(asked, labels(data)[nearest(made, data).places[:, 0]])


def leave_one_out(data: DataSet, seeds: int) -> float:
    """Return the same share for pictures of the data, each held against all others."""
    some = np.random.default_rng(0).permutation(len(data))[: data.classes * seeds]
    places = nearest(data.images[some], data, 2).places[:, 1]  # the nearest is itself
    return shared(labels(data)[some], labels(data)[places])


def labels(data: DataSet) -> Indices:
    """Return the classes of the pictures, (N,)."""
    assert data.labels is not None
    return data.labels.numpy()


def shared(some: Indices, others: Indices) -> float:
    """Return the share of places where two lists of classes are the same."""
    return float((some == others).mean())


@app.command("picture")
def picture_command(
    model: Model,
    folder: Folder,
    out: Annotated[Path, Argument(help="PNG to write.")],
    columns: Annotated[int, Option(min=1, help="Characters to show, evenly chosen.")] = 20,
    rows: Annotated[int, Option(min=1, help="Pictures of each, real and generated.")] = 4,
) -> None:
    """Draw some characters as they are in the folder, and below a line as a model makes them."""
    gan = checkpoint.load(model)
    data = pictures(gan, folder)
    chosen = np.linspace(0, data.classes - 1, columns).astype(np.int64)
    made = served(gan.generator, np.repeat(np.arange(rows), columns), np.tile(chosen, rows))
    real = torch.stack([of_class(data, index, rows) for index in chosen], 1).flatten(0, 1)
    tables = [grid(images.permute(0, 2, 3, 1).numpy(), columns) for images in (real, made)]
    line = np.full_like(tables[0][:LINE], WHITE)
    table = Image.fromarray(np.concatenate([tables[0], line, tables[1]]).squeeze(-1))
    wide = (table.width * SCALE, table.height * SCALE)
    table.resize(wide, Image.Resampling.NEAREST).save(out, optimize=True)


def of_class(data: DataSet, index: int, count: int) -> Tensor:
    """Choose pictures of one class evenly: with as many as there are fonts, one of each."""
    places = np.flatnonzero(labels(data) == index)
    return data.images[places[np.arange(count) * len(places) // count]]


def main() -> None:
    """Run a command; a user's error is one line."""
    try:
        app()
    except (UserError, OSError) as error:
        sys.exit(f"glyphs: {error}")


if __name__ == "__main__":
    main()
