"""Pages: the report as HTML, one file that asks nothing of any network, and as Markdown."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.report.contest import Contest
from training.report.section import Section

TEMPLATES = Path(__file__).parent / "templates"
PAGES = ("index.html", "index.md")


def render(
    sections: Sequence[Section], contests: Sequence[Contest], pictures: str
) -> Iterator[tuple[str, str]]:
    """Fill each page's template: its file's name, and its text."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for page in PAGES:
        template = environment.get_template(f"{page}.jinja")
        yield page, template.render(sections=sections, contests=contests, pictures=pictures)
