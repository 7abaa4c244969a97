"""`POST /interpolate` through the whole app."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageSequence
from starlette.testclient import TestClient

from models import latents
from tests.service import problems


def post(client: TestClient, **body: Any) -> Any:
    return client.post("/interpolate", json=body)


def frames(client: TestClient, **body: Any) -> npt.NDArray[np.uint8]:
    answer = post(client, format="npy", **body)
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


def image(client: TestClient, **body: Any) -> npt.NDArray[np.uint8]:
    answer = client.post("/generate", json={**body, "format": "npy"})
    return np.load(io.BytesIO(answer.content))[0]


@pytest.mark.parametrize("place", [0, 1])
def test_a_name_given_twice_is_reported_where_it_is(client: TestClient, place: int) -> None:
    keyframes = ["{}", "{}"]
    keyframes[place] = '{"seed": 1, "seed": 2}'
    body = f'{{"model": "digits", "keyframes": [{", ".join(keyframes)}]}}'
    (error,) = client.post("/interpolate", content=body).json()["errors"]
    assert error["field"] == f"keyframes.{place}.seed"
    assert error["found"] == "[1, 2]"


THREE, SEVEN = {"seed": 1, "class": 3}, {"seed": 2, "class": 7}


@pytest.mark.parametrize("method", ["slerp", "lerp"])
def test_it_begins_and_ends_at_the_keyframes(client: TestClient, method: str) -> None:
    found = frames(client, model="digits", keyframes=[THREE, SEVEN], steps=9, method=method)
    assert found.shape == (9, 12, 12, 1)
    for place, keyframe in ((0, THREE), (-1, SEVEN)):
        gap = found[place].astype(int) - image(client, model="digits", **keyframe)
        assert abs(gap).max() <= 1


def test_each_frame_differs_from_the_next_by_less_than_the_ends_differ(client: TestClient) -> None:
    found = frames(client, model="digits", keyframes=[THREE, SEVEN], steps=17).astype(int)
    moves = abs(np.diff(found, axis=0)).mean(axis=(1, 2, 3))
    assert moves.min() > 0
    assert moves.max() < abs(found[-1] - found[0]).mean()


def test_codes_go_along_from_keyframe_to_keyframe(client: TestClient) -> None:
    found = frames(client, model="coded", keyframes=[{"seed": 1}, {"seed": 2}], steps=9)
    for place, seed in ((0, 1), (-1, 2)):
        gap = found[place].astype(int) - image(client, model="coded", seed=seed)
        assert abs(gap).max() <= 1
    moves = abs(np.diff(found.astype(int), axis=0)).mean(axis=(1, 2, 3))
    assert moves.min() > 0


def test_keyframes_are_latents_and_codes_as_well_as_seeds(client: TestClient) -> None:
    z = latents.normal(np.arange(1, 2), 8)[0].tolist()
    first = {"latent": z, "codes": {"categorical": [0]}}
    last = {"latent": z, "codes": {"categorical": [2]}}
    found = frames(client, model="coded", keyframes=[{"seed": 7, **first}, {"seed": 7, **last}])
    for place, codes in ((0, first["codes"]), (-1, last["codes"])):
        alone = image(client, model="coded", seed=7, latents=[z], codes=codes)
        assert abs(found[place].astype(int) - alone).max() <= 1
    assert (found[0] != found[-1]).any()


def test_beside_a_latent_the_seed_chooses_the_class_that_is_left_out(client: TestClient) -> None:
    z = latents.normal(np.arange(1, 2), 8)[0].tolist()
    keyframes = [{"seed": seed, "latent": z} for seed in range(8)]
    drawn = post(client, model="digits", keyframes=keyframes).headers["x-class"]
    alone = client.post("/generate", json={"model": "digits", "seed": 0, "n": 8})
    assert drawn == alone.headers["x-class"]
    assert len(set(drawn.split(","))) > 1


def test_the_class_alone_can_move(client: TestClient) -> None:
    there = {"seed": 1, "class": 7}
    found = frames(client, model="digits", keyframes=[THREE, there], steps=3)
    assert (found[0] != found[1]).any()
    assert (found[1] != found[2]).any()


def test_three_keyframes_pass_through_the_middle_one(client: TestClient) -> None:
    keyframes = [{"seed": 1}, {"seed": 5}, {"seed": 9}]
    found = frames(client, model="plain", keyframes=keyframes, steps=5)
    gap = found[2].astype(int) - image(client, model="plain", seed=5)
    assert abs(gap).max() <= 1


def test_a_loop_goes_back_without_showing_the_first_frame_twice(client: TestClient) -> None:
    found = frames(client, model="plain", keyframes=[{"seed": 1}, {"seed": 5}], steps=4, loop=True)
    assert abs(found[2].astype(int) - image(client, model="plain", seed=5)).max() <= 1
    assert abs(found[1].astype(int) - found[3]).max() <= 1
    assert (found[3] != found[0]).any()


def test_formats(client: TestClient) -> None:
    body = {"model": "digits", "keyframes": [THREE, SEVEN]}
    strip = Image.open(io.BytesIO(post(client, **body).content))
    assert (strip.format, strip.size) == ("PNG", (16 * 12, 12))
    answer = client.post("/interpolate", json=body, headers={"accept": "image/gif"})
    animation = Image.open(io.BytesIO(answer.content))
    assert (animation.format, animation.size) == ("GIF", (12, 12))
    assert len(list(ImageSequence.Iterator(animation))) == 16
    assert answer.headers["x-seed"] == "1,2"
    assert answer.headers["x-class"] == "3,7"


def test_a_colour_animation_shows_the_frames(client: TestClient) -> None:
    body = {"model": "plain", "keyframes": [{"seed": 1}, {"seed": 2}], "steps": 4}
    animation = Image.open(io.BytesIO(post(client, format="gif", **body).content))
    found = frames(client, **body)
    for place in range(4):
        animation.seek(place)
        shown = np.array(animation.convert("RGB")).astype(int)
        assert abs(shown - found[place]).mean() < 12


@pytest.mark.parametrize("kind", ["webp", "apng"])
@pytest.mark.parametrize("model", ["digits", "plain"])
def test_animations_with_all_colours_show_the_very_frames(
    client: TestClient, model: str, kind: str
) -> None:
    body = {"model": model, "keyframes": [{"seed": 1}, {"seed": 2}], "steps": 4}
    answer = post(client, format=kind, **body)
    assert answer.headers["content-type"] == f"image/{kind}"
    with Image.open(io.BytesIO(answer.content)) as animation:
        shown = [
            np.array(frame.convert("RGB" if model == "plain" else "L"))
            for frame in ImageSequence.Iterator(animation)
        ]
    assert (np.stack(shown) == frames(client, **body).squeeze()).all()


WRONG: list[tuple[Any, str]] = [
    ({"keyframes": [THREE]}, "keyframes: List should have at least 2 items"),
    ({"keyframes": [THREE, {"class": 11}]}, "keyframes.1.class: 11 is out of range"),
    (
        {"keyframes": [THREE, {"klass": 1}]},
        "klass: an unknown field: expected some of seed, latent",
    ),
    ({"keyframes": [THREE, {"class": [1]}]}, "keyframes.1.class: expected a class's index or name"),
    (
        {"keyframes": [THREE, SEVEN], "steps": 1},
        "steps: Input should be greater than or equal to 2",
    ),
    ({"keyframes": [THREE, {"latent": [0]}]}, "keyframes.1.latent: it has 1 values"),
    ({"keyframes": [THREE, {"codes": {}}]}, "keyframes.1.codes: some were given, but digits"),
    ({"keyframes": [THREE, SEVEN], "steps": 65}, "steps: 65 are asked for, expected 2 to 64"),
    ({"keyframes": [THREE, SEVEN], "method": "cubic"}, "method: Input should be 'slerp' or 'lerp'"),
]


@pytest.mark.parametrize(("body", "message"), WRONG)
def test_bad_input(client: TestClient, body: Any, message: str) -> None:
    answer = post(client, model="digits", **body)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    problems.check(answer.json())
