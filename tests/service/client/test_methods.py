"""Every method of both clients against a real service: what it gives is what plain HTTP gives."""

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from service.client import asked
from service.client.clients import AsyncClient, Client
from service.client.receipt import Timing
from tests.service.client.conftest import Ask

WAY: list[asked.Keyframe] = [{"seed": 5, "class": "Bag"}, {"seed": 7, "class": 2}]


def plain(app: TestClient, path: str, **body: Any) -> bytes:
    """Ask as without a client."""
    answer = app.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def pixels(content: bytes) -> Any:
    return np.load(io.BytesIO(content))


def test_generate(ask: Ask, app: TestClient, tmp_path: Path) -> None:
    made = ask("generate", "clothes", class_="Shirt", n=3, seed=8)
    assert len(made) == 3
    assert made.seeds == (8, 9, 10)
    assert made.classes == ("Shirt",) * 3
    assert made.model == "clothes"
    assert made.digest == ask("model", "clothes").digest
    assert made.timing.compute > 0
    body = {"model": "clothes", "class": "Shirt"}
    for seed, png, image in zip(made.seeds, made.pngs, made.images, strict=True):
        assert png == plain(app, "/generate", **body, seed=seed)
        assert image.size == (12, 12)
    same = {**body, "n": 3, "seed": 8}
    assert (made.array() == pixels(plain(app, "/generate", **same, format="npy"))).all()
    grid = Image.open(io.BytesIO(plain(app, "/generate", **same, format="grid")))
    assert (np.asarray(made.grid()) == np.asarray(grid)).all()
    paths = made.save(tmp_path / "new")
    assert [path.name for path in paths] == [f"clothes-{seed}.png" for seed in made.seeds]
    assert [path.read_bytes() for path in paths] == list(made.pngs)


def test_generate_without_class_and_in_colour(ask: Ask) -> None:
    made = ask("generate", "plain", seed=1)
    assert made.classes is None
    assert made.array().shape == (1, 16, 16, 3)
    assert made.images[0].mode == "RGB"
    assert made.grid().size == (16, 16)


def test_what_is_drawn_is_told(ask: Ask) -> None:
    first = ask("generate", "clothes", n=20)
    assert set(first.classes) <= {"Bag", "Shirt", "Ankle boot"}
    again = ask("generate", "clothes", n=20, seed=first.seeds[0])
    assert again.pngs == first.pngs
    assert again.classes == first.classes
    assert ask("generate", "clothes", n=20).seeds != first.seeds


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"class_": 2}, {"class": 2}),
        ({"class_": ("Bag", 2, 2, "Shirt")}, {"class": ["Bag", 2, 2, "Shirt"]}),
        ({"class_": np.array([0, 1, 2, 0])}, {"class": [0, 1, 2, 0]}),
        ({"truncation": 0.25}, {"truncation": 0.25}),
        ({"latents": np.eye(4, 8, dtype=np.float32)}, {"latents": np.eye(4, 8).tolist()}),
        ({"latents": [[0.5] * 8] * 4}, {"latents": [[0.5] * 8] * 4}),
    ],
    ids=str,
)
def test_what_is_asked_for(
    ask: Ask, app: TestClient, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    expected = plain(app, "/generate", model="clothes", n=4, seed=3, format="npy", **sent)
    assert (ask("array", "clothes", n=4, seed=3, **given) == pixels(expected)).all()


def test_codes(ask: Ask, app: TestClient) -> None:
    codes = [{"continuous": (-1, None)}, {"categorical": [2], "continuous": np.ones(2)}]
    sent = [{"continuous": [-1, None]}, {"categorical": [2], "continuous": [1, 1]}]
    expected = plain(app, "/generate", model="coded", seed=3, codes=sent, format="npy")
    assert (ask("array", "coded", seed=3, codes=codes) == pixels(expected)).all()


@pytest.mark.parametrize("format", get_args(asked.Format))
def test_file(ask: Ask, app: TestClient, format: asked.Format, tmp_path: Path) -> None:
    body: Mapping[str, Any] = {"model": "clothes", "n": 3, "seed": 2, "format": format}
    made = ask("file", "clothes", n=3, seed=2, format=format)
    if format != "zip":  # which holds the time
        assert made.content == plain(app, "/generate", **body)
    assert made.seed == 2
    assert made.media_type == app.post("/generate", json=body).headers["content-type"]
    assert made.digest == ask("model", "clothes").digest
    assert made.save(tmp_path / "x").read_bytes() == made.content
    written = io.BytesIO()
    receipt = ask("download", written, "clothes", n=3, seed=2, format=format)
    assert receipt.seed == 2
    assert receipt.media_type == made.media_type
    if format != "zip":
        assert written.getvalue() == made.content


@pytest.mark.parametrize("ending", ["png", "PNG", "webp", "jpg", "jpeg", "npy", "raw", "json"])
def test_download_to_a_path_takes_its_ending_for_the_format(
    ask: Ask, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"made.{ending}"
    path.write_bytes(b"what was there" * 10_000)
    ask("download", path, "clothes", n=2, seed=2)
    format = {"jpg": "jpeg"}.get(ending, ending.lower())
    assert path.read_bytes() == ask("file", "clothes", n=2, seed=2, format=format).content


def test_download_says_which_endings_there_are(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"x\.tiff: .* png, webp, jpeg, json, npy, raw, zip, jpg"):
        ask("download", str(tmp_path / "x.tiff"), "clothes")
    assert list(tmp_path.iterdir()) == []


def test_arrays(ask: Ask) -> None:
    whole = ask("array", "plain", n=3000, seed=1)
    assert whole.shape == (3000, 16, 16, 3)
    parts = ask("arrays", "plain", n=3000, seed=1, size=1400)
    assert [len(part) for part in parts] == [1400, 1400, 200]
    assert (np.concatenate(parts) == whole).all()
    tiny = ask("arrays", "plain", n=5, seed=1, size=1)
    assert (np.concatenate(tiny) == whole[:5]).all()
    tiny[0][:] = 0  # what is given out is the caller's


def test_interpolate(ask: Ask, app: TestClient) -> None:
    body = {"model": "clothes", "keyframes": WAY, "steps": 5, "method": "lerp", "loop": True}
    frames = ask("interpolate", "clothes", WAY, steps=5, method="lerp", loop=True)
    assert (frames.array == pixels(plain(app, "/interpolate", **body, format="npy"))).all()
    assert len(frames) == 5
    assert [image.size for image in frames.images] == [(12, 12)] * 5
    assert frames.seeds == (5, 7)
    assert frames.classes == (0, 2)
    assert frames.digest == ask("model", "clothes").digest
    assert frames.timing.compute > 0
    assert ask("interpolate", "plain", [{"seed": 1}, {"latent": np.ones(8)}]).classes is None


@pytest.mark.parametrize("format", get_args(asked.Animation))
def test_animate(ask: Ask, app: TestClient, format: asked.Animation) -> None:
    body = {"model": "clothes", "keyframes": WAY, "steps": 4, "format": format}
    made = ask("animate", "clothes", WAY, steps=4, format=format)
    assert made.content == plain(app, "/interpolate", **body)
    assert made.seed == 5


def test_discriminate_takes_every_kind_of_picture(ask: Ask, tmp_path: Path) -> None:
    made = ask("generate", "clothes", class_=0, seed=1)
    (path,) = made.save(tmp_path)
    shapes = (made.array()[0], made.array()[0, ..., 0])
    said = [
        ask("discriminate", picture, "clothes")
        for picture in (made.pngs[0], bytearray(made.pngs[0]), path, str(path), made.images[0])
    ]
    said += [ask("discriminate", shape, "clothes") for shape in shapes]
    assert {one.realness for one in said} == {said[0].realness}
    assert said[0].realness.kind == "probability"
    assert 0 < said[0].realness.value < 1
    assert said[0].classes is None
    assert said[0].codes is None
    assert said[0].model == "clothes"
    assert said[0].digest == made.digest


def test_discriminate_as_a_class(ask: Ask) -> None:
    png = ask("generate", "told", class_=0, seed=1).pngs[0]
    by_name, by_index, other = (
        ask("discriminate", png, "told", class_=label).realness for label in ("Shirt", 1, 2)
    )
    assert by_name == by_index != other


@pytest.mark.parametrize("wrong", [np.zeros((2, 2)), np.zeros((2, 2, 4), np.uint8), 7, None])
def test_what_is_no_picture(ask: Ask, wrong: Any) -> None:
    with pytest.raises(TypeError, match="expected bytes of a file, a path, an image"):
        ask("discriminate", wrong, "clothes")


@pytest.mark.parametrize("format", get_args(asked.Rebuilt))
def test_reconstruct(ask: Ask, app: TestClient, format: asked.Rebuilt) -> None:
    png = ask("generate", "auto", seed=1).pngs[0]
    made = ask("reconstruct", png, "auto", format=format)
    assert made.content == app.post(f"/reconstruct?model=auto&format={format}", content=png).content
    if format != "npy":
        assert made.image.size == (12, 12)


def test_models(ask: Ask) -> None:
    found = ask("models")
    assert [model.name for model in found] == sorted(model.name for model in found)
    clothes = ask("model", "clothes")
    assert clothes in found
    assert clothes.class_names == ("Bag", "Shirt", "Ankle boot")
    assert clothes.shape == (12, 12, 1)
    assert clothes.card["variant"] == "dcgan"


def test_ready(ask: Ask) -> None:
    said = ask("ready")
    assert said
    assert "clothes" in said.models
    assert said.refused == {}


@pytest.mark.parametrize("pinned", [True, False])
def test_image_url(app: TestClient, pinned: bool) -> None:
    client = Client("http://service.example/behind/a/proxy/")
    digest = app.get("/models/clothes").json()["digest"] if pinned else None
    url = client.image_url("clothes", 5, class_="Ankle boot", digest=digest)
    assert url.startswith("http://service.example/behind/a/proxy/images/clothes")
    answer = app.get(url.removeprefix("http://service.example/behind/a/proxy"))
    body = {"model": "clothes", "class": "Ankle boot", "seed": 5}
    assert answer.content == plain(app, "/generate", **body)
    assert ("immutable" in answer.headers["cache-control"]) is pinned


def test_a_name_is_quoted() -> None:
    client = Client("http://service.example")
    assert client.image_url("a/b?c", 1) == "http://service.example/images/a%2Fb%3Fc/1.png"


def test_a_timing_without_a_word_is_not_a_number() -> None:
    told = Timing.read({"server-timing": "edge;desc=hit, queue;dur=1.5, cdn;dur=7"})
    assert told.queue == 0.0015
    assert math.isnan(told.compute)
    assert math.isnan(Timing.read({}).encode)


def test_both_clients_have_the_same_methods() -> None:
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert public == {name for name in dir(AsyncClient) if not name.startswith("_")}
