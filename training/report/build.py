"""Build: the report's pages and pictures, from the folders of the zoo alone."""

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree

from models.checkpoint import write
from models.errors import UserError
from training.report.chapters import chapters
from training.report.contest import Contest, contests
from training.report.material import Material
from training.report.model import Model, read
from training.report.pages import render
from training.report.section import Gallery, Section
from training.report.table import tabulate
from training.zoo import results

PICTURES = "pictures"
MODES = "modes.json"


def build(out: Path, report: Path, *, data_root: Path | None) -> Path:
    """Write the pages anew and return the one for a browser. Raises UserError for an empty zoo."""
    models = read(out) if out.is_dir() else []
    modes = results.read(report / MODES)
    if not models and modes is None:
        raise UserError(f"{out} holds no run: train some, as with `ganforge zoo --data mnist`")
    material = Material(data_root)
    names = dict.fromkeys(model.entry.data for model in models)
    sections = [section([m for m in models if m.entry.data == n], n, material) for n in names]
    found = contests(modes) if modes else []
    put(report / PICTURES, sections, found)
    for name, text in render(sections, found, PICTURES):
        write(report / name, text.encode())
    return report / "index.html"


def section(models: Sequence[Model], name: str, material: Material) -> Section:
    """Tabulate and draw the models of one data set."""
    first = {m.entry.variant: m for m in reversed(models) if m.shown}  # the lowest seed of each
    drawn = sorted(first.values(), key=lambda model: model.entry.variant)
    galleries = [
        Gallery(chapter=chapter, pictures=list(chapter.draw(drawn, material)))
        for chapter in chapters()
    ]
    return Section(
        name=Path(name).name,
        best=tabulate(models, lambda model: model.best),
        last=tabulate(models, lambda model: model.last),
        seeds=len({model.entry.seed for model in models}),
        galleries=[gallery for gallery in galleries if gallery.pictures],
        failures=[model for model in models if model.failure],
    )


def put(folder: Path, sections: Sequence[Section], found: Sequence[Contest]) -> None:
    """Write the pictures, and none of an earlier report beside them."""
    if folder.exists():
        rmtree(folder)
    for one in sections:
        for picture in (p for gallery in one.galleries for p in gallery.pictures):
            write(folder / one.file(picture), picture.png)
    for picture in (c.picture for c in found if c.picture is not None):
        write(folder / f"{picture.name}.png", picture.png)
