"""Images are compared byte for byte: a service that keeps its promise, and answers that do not."""

import base64
import io
import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import typer
import uvloop
from PIL import Image

from bench.client import Answer
from bench.contestants import ours
from bench.determinism import Ask, Pass, Wanted, compare, main, measure, plan, table
from bench.server import ServerError

SEEDS = 50
WANTED = [Wanted("acgan", seed, None) for seed in range(3)]
PIXELS = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28, 1)


def png(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image[..., 0]).save(file, "PNG")
    return file.getvalue()


ALONE = {one: png(image) for one, image in zip(WANTED, PIXELS, strict=True)}


def several(form: str, changed: int | None) -> tuple[Ask, Answer]:
    """Answer for three images, of which one has another last pixel."""
    found = PIXELS.copy()
    if changed is not None:
        found[changed, -1, -1] ^= 1
    file = io.BytesIO()
    np.save(file, found)
    pngs = [{"png": base64.b64encode(png(image)).decode()} for image in found]
    body = file.getvalue() if form == "npy" else json.dumps({"images": pngs}).encode()
    return Ask(WANTED, form), Answer(200, b"", body)


@pytest.mark.parametrize("form", ["npy", "json"])
def test_one_changed_pixel_is_found_among_several(form: str) -> None:
    assert compare("", [several(form, None)], ALONE, 1).different == []
    assert compare("", [several(form, 1)], ALONE, 1).different == [WANTED[1]]


def test_one_changed_byte_is_found() -> None:
    body = ALONE[WANTED[0]]
    answers = [
        (Ask([WANTED[0]], "png"), Answer(200, b"", found)) for found in (body, body[:-1] + b"\0")
    ]
    found = compare("", answers, ALONE, 1)
    assert (found.images, found.different) == (2, [WANTED[0]])


def test_what_is_no_image_is_an_error_and_no_difference() -> None:
    with pytest.raises(ServerError, match="answered 503 b'full'"):
        compare("", [(Ask([WANTED[0]], "png"), Answer(503, b"", b"full"))], ALONE, 1)


def test_seeds_are_spread_over_all_models_with_the_class_given_and_left_out() -> None:
    blocks = plan({"acgan": 10, "dcgan": 0}, SEEDS)
    assert sum(map(len, blocks)) == SEEDS
    assert {(one.model, one.label is None) for block in blocks for one in block} == {
        ("acgan", True),
        ("acgan", False),
        ("dcgan", True),
    }


def test_the_table_says_how_many_differ() -> None:
    passes = [
        Pass(name="alone", images=9, seconds=1, different=None),
        Pass(name="many", images=9, seconds=1, different=WANTED),
    ]
    assert [line.split()[-1] for line in table(passes).splitlines()] == ["differ", "-", "3"]


@pytest.mark.parametrize("different", [[], WANTED[:1]])
def test_the_program_fails_where_one_image_differs(
    different: list[Wanted], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measured(*_: object) -> list[Pass]:
        return [Pass(name="many", images=9, seconds=1, different=different)]

    monkeypatch.setattr("bench.determinism.measure", measured)
    with pytest.raises(typer.Exit) if different else nullcontext():
        main()
    assert ("differs: acgan, seed 0" in capsys.readouterr().err) == bool(different)


def test_the_service_answers_the_same_in_every_way(served: Path) -> None:
    passes = uvloop.run(measure(ours(served), served.stem, SEEDS))
    assert [one.different for one in passes] == [None, [], [], [], [], []]
    alone, single, npy, several, again, fleet = (one.images for one in passes)
    assert alone == single == again == fleet == npy + several == SEEDS
    assert npy
    assert several
