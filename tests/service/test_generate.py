"""`POST /generate` through the whole app."""

import base64
import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from starlette.testclient import TestClient

from models import checkpoint, latents
from models.latents import SEED_LIMIT
from models.pixels import quantise
from tests.service import problems


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/generate", json=body)


def pixels(content: bytes) -> npt.NDArray[np.uint8]:
    return np.array(Image.open(io.BytesIO(content)))


def test_one_image_is_a_png_with_what_is_needed_to_ask_again(client: TestClient) -> None:
    answer = post(client, model="digits", **{"class": 7})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-class"] == "7"
    assert len(answer.headers["x-model-digest"]) == 64
    assert {"queue", "compute", "encode"} == {
        part.split(";")[0].strip() for part in answer.headers["server-timing"].split(",")
    }
    assert pixels(answer.content).shape == (12, 12)
    seed = int(answer.headers["x-seed"])
    assert post(client, model="digits", seed=seed, **{"class": 7}).content == answer.content


def test_seeds_and_classes_make_different_images(client: TestClient) -> None:
    images = {
        post(client, model="digits", seed=seed, **{"class": index}).content
        for seed in range(5)
        for index in range(4)
    }
    assert len(images) == 20


def test_colour(client: TestClient) -> None:
    assert pixels(post(client, model="plain", seed=1).content).shape == (16, 16, 3)


def test_03_image_i_is_that_of_seed_plus_i(client: TestClient) -> None:
    together = post(client, model="digits", n=10, seed=5, format="npy", **{"class": 3})
    stack = np.load(io.BytesIO(together.content))
    assert stack.shape == (10, 12, 12, 1)
    for place, image in enumerate(stack):
        alone = post(client, model="digits", seed=5 + place, **{"class": 3})
        assert (pixels(alone.content) == image.squeeze(-1)).all()


def test_01_same_bytes_alone_and_among_64_strangers(client: TestClient) -> None:
    """Requests for one image mixed with larger ones, of other models and classes."""

    def ask(seed: int) -> bytes:
        model = ("digits", "plain", "clothes")[seed % 3]
        count = 1 if seed % 5 else 7
        answer = post(client, model=model, seed=seed, n=count, format="npy")
        assert answer.status_code == 200
        return answer.content

    alone = [ask(seed) for seed in range(200)]
    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(ask, range(200))) == alone


def test_class_by_name(client: TestClient) -> None:
    by_name = post(client, model="clothes", seed=1, **{"class": "Ankle boot"})
    assert by_name.content == post(client, model="clothes", seed=1, **{"class": 2}).content
    assert by_name.headers["x-class"] == "2"


def test_a_digit_in_quotes_is_a_name(client: TestClient) -> None:
    assert post(client, model="digits", **{"class": "7"}).headers["x-class"] == "7"


def test_a_list_gives_one_class_to_each_image(client: TestClient) -> None:
    answer = post(client, model="clothes", seed=4, format="json", **{"class": ["Bag", 1, 1]})
    images = answer.json()["images"]
    assert [image["class"] for image in images] == ["Bag", "Shirt", "Shirt"]
    assert [image["seed"] for image in images] == [4, 5, 6]
    single = post(client, model="clothes", seed=5, **{"class": 1}).content
    assert base64.b64decode(images[1]["png"]) == single


def test_without_a_class_it_is_drawn_from_the_seed_and_reported(client: TestClient) -> None:
    answer = post(client, model="digits", seed=0, n=64, format="npy")
    drawn = [int(index) for index in answer.headers["x-class"].split(",")]
    assert len(set(drawn)) > 5
    one = post(client, model="digits", seed=63)
    assert one.headers["x-class"] == str(drawn[63])


def test_an_unconditional_model_reports_no_class(client: TestClient) -> None:
    answer = post(client, model="plain", seed=0, format="json")
    assert answer.json()["images"][0]["class"] is None
    assert "x-class" not in answer.headers


def test_codes_are_drawn_from_the_seed(client: TestClient, folder: Path) -> None:
    """As InfoGAN was trained: z, and behind it what the seed says of the codes."""
    answer = client.post("/generate", json={"model": "coded", "n": 20, "seed": 3, "format": "npy"})
    found = np.load(io.BytesIO(answer.content)).astype(int)
    generator = checkpoint.load(folder / "coded.safetensors").generator
    with torch.no_grad():
        made = generator(torch.from_numpy(generator.latents(np.arange(3, 23))))
    assert abs(found - quantise(made)).mean() < 1  # the service may compute in bfloat16
    assert "x-class" not in answer.headers


def array(client: TestClient, **body: Any) -> npt.NDArray[np.uint8]:
    """Make images (n, H, W, C)."""
    answer = post(client, format="npy", **body)
    assert answer.status_code == 200, answer.text
    images: npt.NDArray[np.uint8] = np.load(io.BytesIO(answer.content))
    return images


@pytest.mark.parametrize("model", ["digits", "plain", "coded"])
def test_a_seeds_own_latent_is_its_image(client: TestClient, folder: Path, model: str) -> None:
    """Byte for byte, though asked for in another way; class and codes are still the seed's."""
    card = checkpoint.describe(folder / f"{model}.safetensors")
    z = latents.normal(np.arange(7, 10), card.latent.dimension).tolist()
    expected = array(client, model=model, seed=7, n=3)
    assert (array(client, model=model, seed=7, latents=z) == expected).all()
    assert (array(client, model=model, seed=7, latents=z[:1]) == expected[:1]).all()
    assert (array(client, model=model, seed=7, latents=z[::-1]) != expected).any()


def test_truncation_draws_latents_together(client: TestClient, folder: Path) -> None:
    card = checkpoint.describe(folder / "plain.safetensors")
    half = (latents.normal(np.arange(4), card.latent.dimension) * np.float32(0.5)).tolist()
    asked = {"model": "plain", "seed": 0, "n": 4}
    assert (array(client, **asked, truncation=1) == array(client, **asked)).all()
    truncated = array(client, **asked, truncation=0.5)
    assert (truncated == array(client, model="plain", latents=half)).all()
    mean = array(client, **asked, truncation=0)
    assert (mean == mean[:1]).all()
    assert not (truncated == truncated[:1]).all()


def test_codes_are_those_asked_for_and_the_seeds_where_none_are(client: TestClient) -> None:
    """`coded` has one categorical code of three values and two continuous ones."""
    drawn = latents.codes(np.arange(5, 6), (3,), 2)[0]
    own = {"categorical": [int(drawn[:3].argmax())], "continuous": drawn[3:].tolist()}
    alone = array(client, model="coded", seed=5)
    for codes in (own, [own], {"categorical": [None], "continuous": own["continuous"]}, {}):
        assert (array(client, model="coded", seed=5, codes=codes) == alone).all()
    others = [{"categorical": [value]} for value in range(3)]
    swept = [array(client, model="coded", seed=5, codes=codes) for codes in others]
    assert sum((image == alone).all() for image in swept) == 1
    turned = array(client, model="coded", seed=5, codes={"continuous": [None, 2.0]})
    assert (turned != alone).any()
    listed = array(client, model="coded", seed=5, n=3, codes=others)
    assert (listed[:1] == swept[0]).all()


def test_several_images_as_png_are_a_grid(client: TestClient) -> None:
    grid = pixels(post(client, model="digits", n=5, seed=0).content)
    assert grid.shape == (24, 36)
    stack = np.load(io.BytesIO(post(client, model="digits", n=5, seed=0, format="npy").content))
    assert (grid[12:, 12:24] == stack[4].squeeze(-1)).all()
    assert not grid[12:, 24:].any()
    same = post(client, model="digits", n=5, seed=0, format="grid")
    assert (pixels(same.content) == grid).all()


@pytest.mark.parametrize("model", ["digits", "plain"])
def test_webp_has_the_pixels_of_png_and_jpeg_nearly(client: TestClient, model: str) -> None:
    for n in (1, 5):
        png = pixels(post(client, model=model, seed=3, n=n).content).astype(int)
        webp = post(client, model=model, seed=3, n=n, format="webp")
        assert webp.headers["content-type"] == "image/webp"
        with Image.open(io.BytesIO(webp.content)) as image:
            assert (np.array(image.convert("L" if png.ndim == 2 else "RGB")) == png).all()
        jpeg = post(client, model=model, seed=3, n=n, format="jpeg")
        assert jpeg.headers["content-type"] == "image/jpeg"
        assert abs(pixels(jpeg.content) - png).mean() < 12


def test_zip_names_each_image_by_its_seed(client: TestClient) -> None:
    answer = post(client, model="plain", n=3, seed=8, format="zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["plain-8.png", "plain-9.png", "plain-10.png", "index.csv"]
    assert archive.read("plain-9.png") == post(client, model="plain", seed=9).content


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "image/png"),
        ("image/webp,image/png;q=0.9", "image/webp"),
        ("image/jpeg", "image/jpeg"),
        ("image/*", "image/png"),
        ("application/json", "application/json"),
        ("text/html, application/zip;q=0.4, application/x-npy;q=0.9", "application/x-npy"),
        ("image/png;q=0, application/json", "application/json"),
        ("image/png;q=0, */*", "image/webp"),
    ],
)
def test_30_accept_decides_the_format(client: TestClient, accept: str, media_type: str) -> None:
    answer = client.post("/generate", json={"model": "plain"}, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["vary"] == "Accept"


def test_format_wins_over_accept(client: TestClient) -> None:
    answer = client.post(
        "/generate", json={"model": "plain", "format": "npy"}, headers={"accept": "image/png"}
    )
    assert answer.headers["content-type"] == "application/x-npy"


WRONG: list[tuple[int, Any, str]] = [
    (404, {"model": "digit"}, "'digit' is not served; did you mean 'digits'? expected one of"),
    (404, {"model": "DIGITS"}, "did you mean 'digits'?"),
    (422, {}, "model: Field required"),
    (422, {"model": 3}, "model: Input should be a valid string (found 3)"),
    (422, {"model": "digits", "class": 10}, "class: 10 is out of range for digits"),
    (422, {"model": "digits", "class": -1}, "class: -1 is out of range"),
    (
        422,
        {"model": "digits", "class": 2**70},
        "is out of range for digits: expected an index",
    ),
    (422, {"model": "digits", "class": [-(10**99)]}, "class.0: -1000"),
    (422, {"model": "digits", "class": True}, "class: expected a class's index or name"),
    (422, {"model": "digits", "class": 7.5}, "found 7.5"),
    (422, {"model": "digits", "class": {"a": 1}}, "class: expected a class's index or name"),
    (422, {"model": "clothes", "class": "Shirts"}, "did you mean 'Shirt'?"),
    (422, {"model": "plain", "class": 1}, "plain is unconditional: leave class out"),
    (422, {"model": "digits", "class": []}, "class: the list is empty"),
    (422, {"model": "digits", "class": [1, 2], "n": 3}, "2 are listed, n is 3"),
    (422, {"model": "digits", "class": [1, "x"]}, "class.1: 'x' is no class of digits"),
    (422, {"model": "digits", "n": 0}, "n: Input should be greater than or equal to 1 (found 0)"),
    (422, {"model": "digits", "n": 65}, "n: 65 images are asked for, expected 1 to 64; up to "),
    (422, {"model": "digits", "n": 10**9}, "expected 1 to 64"),
    (422, {"model": "digits", "n": "3"}, 'n: Input should be a valid integer (found "3")'),
    (422, {"model": "digits", "seed": -1}, "seed: Input should be greater than or equal to 0"),
    (422, {"model": "digits", "seed": SEED_LIMIT}, "seed: Input should be less than"),
    (422, {"model": "digits", "seed": SEED_LIMIT - 1, "n": 2}, "expected seeds below"),
    (422, {"model": "digits", "seed": 1.0}, "seed: Input should be a valid integer"),
    (422, {"model": "plain", "latents": []}, "latents: the list is empty"),
    (422, {"model": "plain", "latents": [[0.0]]}, "latents.0: it has 1 values, plain takes 8"),
    (422, {"model": "plain", "latents": [[0], [0]], "n": 3}, "latents: 2 are listed, n is 3"),
    (422, {"model": "digits", "latents": [[0]], "class": [1, 2]}, "latents: 1 are listed, n is 2"),
    (422, {"model": "plain", "latents": [[1e9]]}, "latents.0.0: Input should be less than or"),
    (422, {"model": "plain", "latents": [["1"]]}, "latents.0.0: Input should be a valid number"),
    (422, {"model": "plain", "latents": [[0]], "truncation": 0.5}, "give them already multiplied"),
    (422, {"model": "plain", "truncation": 1.5}, "truncation: Input should be less than or equal"),
    (422, {"model": "plain", "truncation": -0.1}, "truncation: Input should be greater than or"),
    (422, {"model": "plain", "codes": {}}, "plain has none: leave codes out"),
    (422, {"model": "coded", "codes": []}, "codes: the list is empty"),
    (
        422,
        {"model": "coded", "codes": {"categorical": [3]}},
        "codes.categorical.0: 3 was given, expected",
    ),
    (422, {"model": "coded", "codes": {"categorical": [0, 1]}}, "2 were given, coded has 1"),
    (422, {"model": "coded", "codes": [{"categorical": [3]}]}, "codes.0.categorical.0: 3 was"),
    (422, {"model": "coded", "codes": {"continuous": [0, 0, 0]}}, "3 were given, coded has 2"),
    (422, {"model": "digits", "format": "bmp"}, "format: Input should be 'png', 'grid'"),
    (
        422,
        {"model": "digits", "colour": "red"},
        "colour: an unknown field: expected some of model, class, n, seed, truncation, latents, "
        'codes, format (found "red")',
    ),
    (422, [1, 2], "body: "),
    (422, "text", "body: "),
]


@pytest.mark.parametrize(("status", "body", "message"), WRONG)
def test_26_bad_input_is_told_what_was_found_and_expected(
    client: TestClient, status: int, body: Any, message: str
) -> None:
    answer = client.post("/generate", json=body)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert message in problem["detail"]
    assert set(problem) >= {"type", "title", "detail"}
    if status == 422:
        problems.check(problem)


def test_what_only_the_model_knows_is_listed_by_its_field(client: TestClient) -> None:
    answer = client.post("/generate", json={"model": "clothes", "class": [0, 3]})
    (error,) = answer.json()["errors"]
    assert error["field"] == "class.1"
    assert error["message"].startswith("3 is out of range for clothes: expected an index from 0")
    assert error["found"] == "3"


@pytest.mark.parametrize(
    ("body", "field", "found"),
    [
        (b'{"model": "plain", "seed": 1, "seed": 2}', "seed", "[1, 2]"),
        (b'{"model": "plain", "seed":1, "s\\u0065ed":1}', "seed", "[1, 1]"),
        (
            b'{"model":"coded","codes":{"continuous":[1],"continuous":[2]}}',
            "codes.continuous",
            "[[1], [2]]",
        ),
        (
            b'{"model":"coded","codes":[{},{"continuous":[1],"continuous":[2]}]}',
            "codes.1.continuous",
            "[[1], [2]]",
        ),
        (
            b'{"model":"coded","codes":{"continuous":[1],"continuous":[2]},"seed":1,"seed":2}',
            "seed",
            "[1, 2]",
        ),
    ],
)
def test_26_a_field_that_is_given_twice_is_refused(
    client: TestClient, body: bytes, field: str, found: str
) -> None:
    answer = client.post("/generate", content=body)
    problems.check(answer.json())
    message = "given 2 times, expected once"
    assert answer.json()["errors"] == [{"field": field, "message": message, "found": found}]


def test_fields_of_one_name_in_different_places_are_not_the_same(client: TestClient) -> None:
    codes = [{"continuous": [1]}, {"continuous": [2]}]
    assert client.post("/generate", json={"model": "coded", "codes": codes}).status_code == 200
    unknown = client.post("/generate", json={"model": "a:b", "seed": 1})
    assert unknown.status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"model": NaN', b"[" * 100_000])
def test_26_what_is_not_json_is_400(client: TestClient, body: bytes) -> None:
    answer = client.post("/generate", content=body)
    assert answer.status_code == 400
    assert "the body is not JSON" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        '{"model": "digits", "latents": [' + "0," * 400_000 + "0]}",
        '{"model": "digits", "latents": [[' + '"x",' * 200_000 + "0]]}",
        '{"model": "coded", "codes": [' + '{"a":1},' * 100_000 + "{}]}",
        '{"model": "digits", "class": [' + "0.5," * 200_000 + "0]}",
        '{"model": "digits"' + "".join(f',"f{n}":0' for n in range(50_000)) + "}",
        '{"model": "' + "digits" * 150_000 + '"}',
    ],
    ids=["flat latents", "words", "codes", "classes", "fields", "name"],
)
def test_however_much_is_wrong_little_is_said(client: TestClient, body: str) -> None:
    """In a second or so all told: a list of every mistake took a minute, and all others waited."""
    answer = client.post("/generate", content=body)
    assert answer.status_code in (404, 422)
    assert len(answer.content) < 4000


DIGITS = "9" * 4200  # just as many as Python makes a number of
NAME = "x" * 4000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/generate", f'{{"model": "digits", "n": {DIGITS}}}'),
        ("/generate", f'{{"model": "digits", "n": {DIGITS}, "seed": 1}}'),
        ("/generate", f'{{"model": "digits", "n": {DIGITS}, "class": [3]}}'),
        ("/generate", f'{{"model": "digits", "seed": {DIGITS}}}'),
        ("/generate", f'{{"model": "digits", "class": -{DIGITS}}}'),
        ("/generate", f'{{"model": "digits", "class": "{NAME}"}}'),
        ("/generate", f'{{"model": "digits", "{NAME}": 1}}'),
        ("/generate", f'{{"model": "digits", "{NAME}": "{NAME}", "{NAME}": 2}}'),
        ("/generate", f'{{"model": "coded", "codes": [{{"{NAME}": 1}}]}}'),
        ("/generate", f'{{"model": "coded", "codes": {{"categorical": [{DIGITS}]}}}}'),
        ("/generate?" + NAME, "{}"),
        ("/interpolate", f'{{"model": "digits", "keyframes": [{{}}, {{}}], "steps": {DIGITS}}}'),
        ("/interpolate", f'{{"model": "digits", "keyframes": [{{"{NAME}": 1}}, {{}}]}}'),
        ("/v1/images/generations", f'{{"model": "digits", "n": {DIGITS}}}'),
        ("/discriminate?" + NAME, ""),
    ],
)
def test_what_is_repeated_of_a_request_is_cut_off(client: TestClient, path: str, body: str) -> None:
    answer = client.post(path, content=body)
    assert answer.status_code == (400 if path.startswith("/v1") else 422)
    assert len(answer.content) < 1500
    assert "9" * 101 not in answer.text
    assert "x" * 101 not in answer.text


def test_what_is_wrong_with_codes_is_said_of_the_kind_that_was_sent(client: TestClient) -> None:
    answer = post(client, model="coded", codes=[{"foo": [1]}])
    said = "codes.0.foo: an unknown field: expected some of categorical, continuous (found [1])"
    assert answer.json()["detail"] == said
    assert "valid dictionary" not in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/generate", "/interpolate"])
def test_what_stands_in_the_address_of_a_body_is_refused(client: TestClient, path: str) -> None:
    answer = client.post(f"{path}?n=5", json={"model": "plain"})
    assert answer.status_code == 422
    said = "n: an unknown name behind the ?: expected all fields in the body, as JSON"
    assert answer.json()["detail"] == said
    assert "keyframes" in client.post("/interpolate?", json={"model": "plain"}).json()["detail"]


def test_26_a_body_too_large_is_413_whether_it_says_so_or_not(client: TestClient) -> None:
    body = b'{"model": "' + b"x" * (1 << 20) + b'"}'
    assert client.post("/generate", content=body).status_code == 413
    assert client.post("/generate", content=iter([body[:1000], body])).status_code == 413


def test_no_acceptable_format_is_406(client: TestClient) -> None:
    answer = client.post("/generate", json={"model": "plain"}, headers={"accept": "text/html"})
    assert answer.status_code == 406
    assert "expected one of: image/png" in answer.json()["detail"]


def test_other_methods_and_routes_are_problems_too(client: TestClient) -> None:
    wrong = client.get("/generate")
    assert wrong.status_code == 405
    said = "GET /generate: Method Not Allowed, expected POST; /docs lists all routes"
    assert wrong.json()["detail"] == said
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
