"""Pictures of a run: what the generator makes of the same latents, again and again."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.networks import Generator
from models.pixels import grid, quantise

COLUMNS = 10
ROWS = 8


def draw(generator: Generator, path: Path) -> None:
    """Save a grid of the first seeds as PNG; one class a column where the model takes classes."""
    device = next(generator.parameters()).device
    seeds = np.arange(ROWS * COLUMNS)
    z = torch.from_numpy(generator.latents(seeds)).to(device)
    with torch.inference_mode():
        condition = None
        if generator.classes:
            labels = torch.from_numpy(seeds % COLUMNS % generator.classes).to(device)
            condition = generator.embed(labels)
        table = grid(quantise(generator(z, condition)), COLUMNS)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(table.squeeze(-1) if table.shape[2] == 1 else table).save(path)
