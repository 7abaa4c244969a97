"""The pages: whole, about everything that was made, and asking nothing of any network."""

import re
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import pytest
from PIL import Image

from models.errors import UserError
from tests.training.report import small
from training.report.build import build
from training.report.chapters import chapters
from training.zoo import failure
from training.zoo.entry import Entry

VOID = {"meta", "link", "img", "br", "input", "hr"}


class Page(HTMLParser):
    """What a browser would find in a page; a tag that is not closed is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[dict[str, str]] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if tag == "img":
            self.images.append(found)
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.ids |= {found["id"]} if "id" in found else set()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def html(report: Path) -> str:
    return (report / "index.html").read_text()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def markdown(report: Path) -> str:
    return (report / "index.md").read_text()


def test_every_picture_is_there_and_as_large_as_it_says(report: Path, page: Page) -> None:
    for image in page.images:
        with Image.open(report / image["src"]) as picture:
            assert picture.size == (int(image["width"]), int(image["height"]))
        assert image["alt"]


def test_no_picture_is_left_out_of_either_page(report: Path, page: Page, markdown: str) -> None:
    files = {f"pictures/{path.name}" for path in (report / "pictures").iterdir()}
    assert {image["src"] for image in page.images} == files
    assert set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", markdown)) == files


def test_nothing_is_asked_of_any_network(html: str, page: Page) -> None:
    assert not [link for link in page.links if re.match(r"(\w+:)?//", link)]
    assert not re.search(r"url\(|@import|<script", html)


def test_every_place_that_is_linked_to_exists(page: Page) -> None:
    places = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert places == {"digits", "modes"}
    assert places <= page.ids


def test_it_is_made_for_small_screens_and_for_the_dark(html: str) -> None:
    assert 'name="viewport"' in html
    assert "color-scheme: light dark" in html


@pytest.mark.parametrize("name", ["infogan", "ebgan", "cgan"])
def test_each_variant_has_a_row_in_each_table(name: str, html: str, markdown: str) -> None:
    assert html.count(f'<th scope="row">{name}</th>') == 2
    assert len(re.findall(rf"^\| `{name}` \|", markdown, re.MULTILINE)) == 2


def test_each_figure_has_its_protocol_and_real_images_a_row(html: str, markdown: str) -> None:
    for title in ("FID", "KID", "precision", "class accuracy", "code error", "s / epoch", "MB"):
        assert f"<dt>{title}</dt>" in html
        assert f"- *{title}*: " in markdown
    assert html.count(">real images</th>") == 2
    assert markdown.count("| *real images* |") == 2


def test_two_seeds_are_a_mean_and_its_spread(html: str) -> None:
    (row, _) = re.findall(r'<tr><th scope="row">infogan</th>(.*)</tr>', html)
    assert " ± " in row
    assert "standard deviation over 2 seeds" in html
    (row, _) = re.findall(r'<tr><th scope="row">ebgan</th>(.*)</tr>', html)
    assert " ± " not in row


def test_a_failure_is_told_with_its_reason(page: Page, html: str, markdown: str) -> None:
    assert f"gan-digits: {small.REASON}" in page.words
    assert "<b>&" not in html
    assert f"- `gan-digits`: {small.REASON}" in markdown


def test_every_kind_of_picture_is_there_for_those_that_it_is_about(report: Path) -> None:
    names = {path.stem for path in (report / "pictures").iterdir()}
    assert {"digits-overview", "digits-distances", "modes-ring-8", "modes-grid-25"} <= names
    for kind in ("samples", "walks", "losses", "neighbours"):
        assert {f"digits-{kind}-{name}" for name in ("infogan", "ebgan", "cgan")} <= names
    assert {name for name in names if "reconstructions" in name} == {"digits-reconstructions-ebgan"}
    assert {name for name in names if "-codes-" in name} == {
        f"digits-codes-infogan-{code}"
        for code in ("categorical-code-1", "continuous-code-1", "continuous-code-2")
    }


def test_every_chapter_is_on_the_page(page: Page, markdown: str) -> None:
    for chapter in chapters():
        assert chapter.title in page.words
        assert f"### {chapter.title}" in markdown


def test_the_contest_is_tabulated(html: str, markdown: str) -> None:
    assert "7.5 ± 0.707" in html
    assert '<td class="best">25</td>' in html
    assert "- `lsgan, seed 0`: it diverged" in markdown
    assert "10 generator steps, 20 points a batch" in html


def test_it_is_rebuilt_the_same_and_without_what_is_old(zoo: Path, report: Path) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    (report / "pictures" / "old.png").write_bytes(b"")
    build(zoo, report, data_root=None)
    after = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    assert after == before


def test_a_zoo_without_runs_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no run: train some"):
        build(tmp_path / "nothing", tmp_path / "report", data_root=None)


@pytest.fixture
def damaged(zoo: Path, tmp_path: Path) -> Path:
    """Copy two runs of the zoo, and cut the config of one."""
    for name in ("cgan-digits", "infogan-digits-s1"):
        copytree(zoo / name, tmp_path / "runs" / name)
    (tmp_path / "runs" / "cgan-digits" / "config.json").write_text('{"variant": "cg')
    return tmp_path / "runs"


def test_a_run_that_cannot_be_read_is_noted_and_stops_no_report(
    damaged: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(damaged, tmp_path / "report", data_root=None)
    assert f"left out: {damaged / 'cgan-digits' / 'config.json'} is damaged" in caplog.text
    text = (tmp_path / "report" / "index.md").read_text()
    assert "infogan" in text
    assert "cgan" not in text


def test_a_run_that_cannot_be_read_is_told_where_it_is_known_which_it_is(
    damaged: Path, tmp_path: Path
) -> None:
    failure.keep(damaged / "cgan-digits", Entry(variant="cgan", data="digits"), "an earlier one")
    build(damaged, tmp_path / "report", data_root=None)
    text = (tmp_path / "report" / "index.md").read_text()
    assert f"- `cgan-digits`: {damaged / 'cgan-digits' / 'config.json'} is damaged" in text


def test_damaged_metrics_leave_the_rest_of_a_run_to_be_shown(
    zoo: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copytree(zoo / "cgan-digits", tmp_path / "runs" / "cgan-digits")
    (tmp_path / "runs" / "cgan-digits" / "metrics.jsonl").write_text("{}\n")
    build(tmp_path / "runs", tmp_path / "report", data_root=None)
    assert "metrics.jsonl, line 1 is damaged" in caplog.text
    page = (tmp_path / "report" / "index.md").read_text()
    assert "samples-cgan" in page
    assert "losses-cgan" not in page
