"""`POST /discriminate` and `POST /reconstruct` through the whole app, against the networks."""

import io
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from starlette.testclient import TestClient

from models import checkpoint
from models.card import Codes
from models.pixels import quantise
from service.app import create_app
from service.settings import Settings
from tests import zoo
from tests.service import problems

FOUR = ("a", "b", "c", "d")
NEAR = 1e-4
Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model for each kind of verdict and each kind of head."""
    path = tmp_path_factory.mktemp("judges")
    classes = {"classes": 4}
    codes = Codes(categorical=(3, 2), continuous=2)
    for card in (
        zoo.card("plain", channels=3, size=16),
        zoo.card("target", verdict="target"),
        zoo.card("critic", verdict="critic"),
        zoo.card("auto", judge="dcgan_autoencoder", heads={"energy": 1}, verdict="energy"),
        zoo.card("semi", heads=classes, head_names=FOUR, verdict="classes"),
        zoo.card("sure", heads=classes, head_names=FOUR, verdict="certainty"),
        zoo.card("named", classes=FOUR, heads={"realness": 1, **classes}, head_names=FOUR),
        zoo.card("told", classes=FOUR, told=4),
        zoo.card("coded", codes=codes, heads={"realness": 1, "codes": 7}),
    ):
        zoo.write(path, card)
    return path


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    settings = Settings(models=(folder,), device="cpu", precision="fp32", max_batch=8)
    with TestClient(create_app(settings)) as client:
        yield client


def drawing(seed: int = 0, size: int = 12, channels: int = 1) -> Pixels:
    """Draw an image (H, W, C) of noise."""
    return np.random.default_rng(seed).integers(0, 256, (size, size, channels), np.uint8)


def file(image: Pixels, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    Image.fromarray(image.squeeze(-1) if image.shape[2] == 1 else image).save(content, kind)
    return content.getvalue()


def ask(client: TestClient, model: str, image: Pixels, **query: str) -> Any:
    answer = client.post("/discriminate", params={"model": model, **query}, content=file(image))
    assert answer.status_code == 200, answer.text
    return answer.json()


def heads(folder: Path, model: str, image: Pixels, label: int | None = None) -> Any:
    """Ask the network itself."""
    judge = checkpoint.load(folder / f"{model}.safetensors").discriminator
    assert judge is not None
    x = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        found = judge(x, None if label is None else torch.tensor([label]))
    return {name: y[0].double() for name, y in found.items()}


def test_a_logit_is_answered_as_a_probability(client: TestClient, folder: Path) -> None:
    image = drawing(size=16, channels=3)
    said = ask(client, "plain", image)
    assert said.keys() == {"model", "digest", "realness"}
    assert said["realness"]["kind"] == "probability"
    expected = torch.sigmoid(heads(folder, "plain", image)["realness"]).item()
    assert said["realness"]["value"] == pytest.approx(expected, rel=NEAR)


@pytest.mark.parametrize("kind", ["target", "critic"])
def test_a_raw_output_is_answered_as_it_is(client: TestClient, folder: Path, kind: str) -> None:
    said = ask(client, kind, drawing())["realness"]
    expected = heads(folder, kind, drawing())["realness"].item()
    assert said == {"kind": kind, "value": pytest.approx(expected, rel=NEAR)}


def test_an_energy_is_the_error_of_rebuilding(client: TestClient, folder: Path) -> None:
    said = ask(client, "auto", drawing())["realness"]
    expected = heads(folder, "auto", drawing())["energy"].item()
    assert said == {"kind": "energy", "value": pytest.approx(expected, rel=NEAR)}


def test_classes_are_probabilities_by_name(client: TestClient, folder: Path) -> None:
    said = ask(client, "named", drawing())
    expected = heads(folder, "named", drawing())["classes"].softmax(0)
    assert list(said["classes"]) == list(FOUR)
    assert list(said["classes"].values()) == pytest.approx(expected.tolist(), rel=NEAR)


def test_semi_supervised_realness_is_the_mass_of_the_classes(
    client: TestClient, folder: Path
) -> None:
    """One of K, and not the class of generated images, whose logit is 0 (Salimans 2016, §5)."""
    logits = heads(folder, "semi", drawing())["classes"]
    mass = (logits.exp().sum() / (logits.exp().sum() + 1)).item()
    said = ask(client, "semi", drawing())
    assert said["realness"] == {"kind": "classes", "value": pytest.approx(mass, rel=NEAR)}
    assert sum(said["classes"].values()) == pytest.approx(1, abs=1e-5)


def test_certainty_is_entropy_that_is_missing(client: TestClient, folder: Path) -> None:
    p = heads(folder, "sure", drawing())["classes"].softmax(0)
    missing = 1 + (p * p.log()).sum().item() / math.log(4)
    said = ask(client, "sure", drawing())["realness"]
    assert said == {"kind": "certainty", "value": pytest.approx(missing, rel=1e-3)}


def test_codes_are_read_off(client: TestClient, folder: Path) -> None:
    found = heads(folder, "coded", drawing())["codes"]
    said = ask(client, "coded", drawing())["codes"]
    assert said["categorical"][0] == pytest.approx(found[:3].softmax(0).tolist(), rel=NEAR)
    assert said["categorical"][1] == pytest.approx(found[3:5].softmax(0).tolist(), rel=NEAR)
    assert said["continuous"] == pytest.approx(found[5:].tolist(), rel=NEAR)


def test_a_discriminator_that_is_told_a_class_is_told_the_one_asked_for(
    client: TestClient, folder: Path
) -> None:
    said = [ask(client, "told", drawing(), **{"class": name})["realness"] for name in FOUR]
    for label, one in enumerate(said):
        expected = torch.sigmoid(heads(folder, "told", drawing(), label)["realness"]).item()
        assert one["value"] == pytest.approx(expected, rel=NEAR)
    assert ask(client, "told", drawing(), **{"class": "2"})["realness"] == said[2]
    assert len({one["value"] for one in said}) == 4


def test_the_same_answer_alone_and_among_strangers(client: TestClient) -> None:
    def one(seed: int) -> Any:
        if seed % 3:
            return ask(client, ("named", "auto", "sure")[seed % 7 % 3], drawing(seed))
        return client.post("/generate", json={"model": "target", "seed": seed, "n": 5}).content

    alone = [one(seed) for seed in range(60)]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(60))) == alone


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_any_kind_colour_and_size_of_image(client: TestClient, kind: str) -> None:
    """A grey model sees a colour photo's centre square, as one that it was trained on."""
    image = np.full((30, 50, 3), 90, np.uint8)
    answer = client.post(
        "/discriminate", params={"model": "critic"}, content=file(image, kind)
    ).json()
    plain = ask(client, "critic", np.full((12, 12, 1), 90, np.uint8))
    assert answer["realness"]["value"] == pytest.approx(plain["realness"]["value"], rel=0.05)


def test_an_auto_encoder_rebuilds(client: TestClient, folder: Path) -> None:
    judge: Any = checkpoint.load(folder / "auto.safetensors").discriminator
    x = torch.from_numpy(drawing()).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        expected = quantise(judge.reconstruct(x))
    query = {"model": "auto"}
    npy = client.post("/reconstruct", params={**query, "format": "npy"}, content=file(drawing()))
    assert abs(np.load(io.BytesIO(npy.content)).astype(int) - expected).max() <= 1
    png = client.post("/reconstruct", params=query, content=file(drawing()))
    assert png.headers["content-type"] == "image/png"
    shown = np.array(Image.open(io.BytesIO(png.content)))
    assert (shown == np.load(io.BytesIO(npy.content))[0, :, :, 0]).all()


IMAGE = file(drawing())
WRONG: list[tuple[str, int, dict[str, str], bytes, str]] = [
    ("discriminate", 422, {}, IMAGE, "model: Field required"),
    ("discriminate", 404, {"model": "plane"}, IMAGE, "did you mean 'plain'?"),
    ("discriminate", 422, {"model": "plain", "n": "2"}, IMAGE, "expected some of model, class"),
    ("discriminate", 415, {"model": "plain"}, b"", "that can be read (it is empty): expected"),
    ("discriminate", 415, {"model": "plain"}, b"hello", "(it begins with b'hello'): expected the"),
    ("discriminate", 415, {"model": "plain"}, IMAGE[:60], "the body is no image"),
    (
        "discriminate",
        413,
        {"model": "plain"},
        bytes(1 << 20) + b"1",
        "in one request, send a smaller picture",
    ),
    ("discriminate", 422, {"model": "told"}, IMAGE, "add &class=, an index from 0 to 3 or a name"),
    ("discriminate", 422, {"model": "told", "class": "4"}, IMAGE, "class: 4 is out of range"),
    ("discriminate", 422, {"model": "told", "class": "-1"}, IMAGE, "'-1' is no class of told"),
    ("discriminate", 422, {"model": "told", "class": "01"}, IMAGE, "'01' is no class of told"),
    ("discriminate", 422, {"model": "named", "class": "a"}, IMAGE, "leave class out"),
    ("reconstruct", 422, {"model": "plain"}, IMAGE, "no auto-encoder: expected one of auto"),
    ("reconstruct", 422, {"model": "auto", "format": "gif"}, IMAGE, "format: Input should be"),
    ("reconstruct", 415, {"model": "auto"}, b"<svg/>", "the body is no image"),
]


@pytest.mark.parametrize(("path", "status", "query", "body", "message"), WRONG)
def test_bad_input(
    client: TestClient, path: str, status: int, query: dict[str, str], body: bytes, message: str
) -> None:
    answer = client.post(f"/{path}", params=query, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert message in answer.json()["detail"]
    if status == 422:
        problems.check(answer.json())


@pytest.mark.parametrize("side", [5_000, 15_000])
def test_26_a_decompression_bomb_is_refused_before_it_goes_off(
    client: TestClient, side: int
) -> None:
    """Of 225 million black pixels in 28 kB; Pillow itself refuses only the larger one."""
    content = io.BytesIO()
    Image.new("1", (side, side)).save(content, "PNG")
    answer = client.post("/discriminate", params={"model": "critic"}, content=content.getvalue())
    assert answer.status_code == 422
    found = "5000 x 5000" if side == 5_000 else "far more"
    expected = f"too large, {found} pixels: expected at most 16777216"
    assert expected in answer.json()["detail"]


def test_26_what_is_long_and_thin_is_refused_however_few_its_pixels(client: TestClient) -> None:
    """To scale a line of 16 million pixels takes seconds."""
    content = io.BytesIO()
    Image.new("1", (1, 16385)).save(content, "PNG")
    answer = client.post("/discriminate", params={"model": "critic"}, content=content.getvalue())
    assert answer.status_code == 422
    assert (
        "1 x 16385 pixels: expected at most 16777216 in all and 16384 on a side"
        in (answer.json()["detail"])
    )


def test_a_parameter_given_twice_is_an_error(client: TestClient) -> None:
    answer = client.post("/discriminate?model=plain&model=critic", content=IMAGE)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "model: given 2 times, expected once"


def test_a_long_query_is_read_once(client: TestClient) -> None:
    """Looked through for each of its names it took seconds, in which no other was answered."""
    names = "&".join(f"a{n}" for n in range(5_000))
    answer = client.post(f"/discriminate?model=plain&{names}=", content=IMAGE)
    assert answer.status_code == 422
    assert len(answer.content) < 4000
