"""Draw the README's picture: what each bundled model makes of the same seeds."""

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from PIL import Image

from models import checkpoint
from models.card import SUFFIX
from models.pixels import Pixels, grid, quantise
from service.settings import ZOO

COLUMNS = 20
SCALE = 2


def main(out: Annotated[Path, typer.Argument(help="PNG to write.")]) -> None:
    """One row for each model of the zoo."""
    rows = [row(path) for path in sorted(ZOO.glob(f"*{SUFFIX}"))]
    table = grid(np.concatenate(rows), COLUMNS).squeeze(-1)
    picture = Image.fromarray(table)
    picture.resize((picture.width * SCALE, picture.height * SCALE), Image.Resampling.NEAREST).save(
        out, optimize=True
    )


def row(path: Path) -> Pixels:
    """Make the images of one model, (COLUMNS, H, W, C)."""
    generator = checkpoint.load(path).generator
    seeds = np.arange(COLUMNS)
    with torch.inference_mode():
        labels = torch.from_numpy(seeds % generator.classes) if generator.classes else None
        condition = None if labels is None else generator.embed(labels)
        return quantise(generator(torch.from_numpy(generator.latents(seeds)), condition))


if __name__ == "__main__":
    typer.run(main)
