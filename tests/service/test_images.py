"""`GET /images/{model}/{seed}.png`: cached by what it depends on, made only where it must be."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from models.latents import SEED_LIMIT


def made(client: TestClient) -> float:
    """Count the images that were computed for answers so far."""
    lines = client.get("/metrics").text.splitlines()
    return sum(float(x.split()[-1]) for x in lines if x.startswith("ganforge_images_total"))


def digest(client: TestClient, model: str) -> Any:
    return client.get(f"/models/{model}").json()["digest"]


def test_it_is_the_image_of_generate(client: TestClient) -> None:
    for model, query, body in (
        ("digits", "?class=7", {"class": 7}),
        ("clothes", "?class=Ankle+boot", {"class": 2}),
        ("clothes", "?class=2", {"class": 2}),
        ("digits", "", {}),
        ("plain", "", {}),
    ):
        answer = client.get(f"/images/{model}/5.png{query}")
        assert answer.headers["content-type"] == "image/png"
        expected = client.post("/generate", json={"model": model, "seed": 5, **body})
        assert answer.content == expected.content
        assert answer.headers["x-model-digest"] == digest(client, model)


def test_an_address_with_the_digest_is_kept_for_ever(client: TestClient) -> None:
    pinned = client.get(f"/images/digits@{digest(client, 'digits')}/5.png?class=7")
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    live = client.get("/images/digits/5.png?class=7")
    assert live.headers["cache-control"] == "public, no-cache"
    assert live.content == pinned.content
    assert live.headers["etag"] == pinned.headers["etag"]
    assert "vary" not in pinned.headers


def test_the_first_twelve_digits_name_the_weights_as_all_do(client: TestClient) -> None:
    whole = digest(client, "digits")
    pinned = client.get(f"/images/digits@{whole}/5.png")
    for digits in (12, 40):
        short = client.get(f"/images/digits@{whole[:digits]}/5.png")
        assert short.content == pinned.content
        assert short.headers["etag"] == pinned.headers["etag"]
        assert short.headers["cache-control"] == pinned.headers["cache-control"]
    for other in (whole[:11], whole[1:13], whole + "0"):
        refused = client.get(f"/images/digits@{other}/5.png")
        assert refused.status_code == 404
        assert f"ask for digits@{whole}, of which 12 digits" in refused.json()["detail"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_30_who_has_it_is_told_so_and_nothing_is_made(client: TestClient, form: str) -> None:
    tag = client.get("/images/plain/9.png").headers["etag"]
    before = made(client)
    again = client.get("/images/plain/9.png", headers={"if-none-match": form.format(tag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert made(client) == before
    other = client.get("/images/plain/9.png", headers={"if-none-match": '"another"'})
    assert other.status_code == 200
    assert made(client) == before + 1


def test_tags_on_several_lines_are_one_list(client: TestClient) -> None:
    tag = client.get("/images/plain/9.png").headers["etag"]
    lines = [("if-none-match", '"another"'), ("if-none-match", tag)]
    assert client.get("/images/plain/9.png", headers=lines).status_code == 304


def test_30_head_has_the_headers_and_makes_nothing(client: TestClient) -> None:
    whole = client.get("/images/plain/3.png")
    before = made(client)
    answer = client.head("/images/plain/3.png")
    assert (answer.status_code, answer.content) == (200, b"")
    for name in ("etag", "cache-control", "content-type"):
        assert answer.headers[name] == whole.headers[name]
    assert "content-length" not in answer.headers
    assert made(client) == before


def test_each_image_has_its_own_tag(client: TestClient) -> None:
    addresses = [
        f"/images/{model}/{seed}.png?class={index}"
        for model in ("digits", "clothes")
        for seed in (1, 2)
        for index in (0, 1)
    ]
    assert len({client.get(address).headers["etag"] for address in addresses}) == 8


WRONG = [
    (404, "/images/digit/5.png", "did you mean 'digits'?"),
    (404, f"/images/digits@{'0' * 64}/5.png", "digits has no weights"),
    (404, "/images/digits@12/5.png", "digits has no weights '12': ask for digits@"),
    (422, "/images/digits/-1.png", "seed: found '-1', expected a number from 0"),
    (422, "/images/digits/05.png", "seed: found '05'"),
    (422, "/images/digits/x.png", "seed: found 'x'"),
    (422, f"/images/digits/{SEED_LIMIT}.png", "expected a number from 0 to 9007199254740991"),
    (422, "/images/digits/1.png?class=10", "class: 10 is out of range"),
    (422, "/images/digits/1.png?class=07", "'07' is no class of digits; did you mean '7'?"),
    (422, "/images/digits/1.png?class=%D9%A3", "'٣' is no class of digits"),
    (422, "/images/clothes/1.png?class=02", "'02' is no class of clothes"),
    (422, "/images/clothes/1.png?class=00", "'00' is no class of clothes"),
    (422, "/images/clothes/1.png?class=%D9%A1", "'١' is no class of clothes"),
    (422, "/images/clothes/1.png?class=%2B1", "'+1' is no class of clothes"),
    (422, f"/images/clothes/1.png?class={'9' * 30}", "is no class of clothes"),
    (422, "/images/plain/1.png?class=1", "plain is unconditional"),
    (422, "/images/plain/1.png?n=1", "expected some of class"),
    (404, "/images/plain/1.gif", "Not Found"),
]


@pytest.mark.parametrize(("status", "address", "message"), WRONG)
def test_bad_addresses(client: TestClient, status: int, address: str, message: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert message in answer.json()["detail"]
