"""Keys, quotas and origins: who is answered."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient
from typer.testing import CliRunner

import ganforge
from models.errors import UserError
from service.app import create_app
from service.cli import read_settings
from service.endpoint import Endpoint
from service.endpoints import ENDPOINTS
from service.gate import Access, Gate, digest_of
from service.settings import Settings

SEVEN = {"model": "digits", "class": 7, "seed": 1}


@pytest.fixture(scope="module")
def guarded(folder: Path) -> Iterator[TestClient]:
    """A service with two keys, an admin's, 20 images a minute, and one origin."""
    settings = Settings(
        models=(folder,),
        device="cpu",
        max_batch=4,
        api_keys={"alice": digest_of("alice"), "bob": digest_of("bob")},
        admin_key=digest_of("admin"),
        key_images_per_minute=20,
        cors_origins=("https://page.example",),
    )
    with TestClient(create_app(settings)) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_no_key_opens_nothing_but_what_is_open(guarded: TestClient, endpoint: Endpoint) -> None:
    path = endpoint.path.format(model="digits", seed=1, version=1)
    for headers in ({}, bearer("wrong"), {"authorization": "Basic alice"}):
        answer = guarded.request(endpoint.method, path, headers=headers)
        if endpoint.access is Access.OPEN:
            assert answer.status_code == 200
        else:
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == endpoint.shape.media_type
            assert "Authorization: Bearer KEY" in answer.text


@pytest.mark.parametrize("headers", [bearer("alice"), {"x-api-key": "bob"}, bearer("admin")])
def test_a_key_opens(guarded: TestClient, headers: dict[str, str]) -> None:
    assert guarded.post("/generate", json=SEVEN, headers=headers).status_code == 200
    assert guarded.get("/models", headers=headers).status_code == 200


def test_only_the_admins_opens_the_admins(guarded: TestClient) -> None:
    answer = guarded.post("/admin/reload", headers=bearer("alice"))
    assert answer.status_code == 403
    assert "expected the admin key" in answer.json()["detail"]
    assert guarded.post("/admin/reload", headers=bearer("admin")).status_code == 200


def test_without_keys_all_but_the_admins_is_open(client: TestClient) -> None:
    assert client.post("/generate", json=SEVEN).status_code == 200
    for headers in ({}, bearer("admin")):
        answer = client.post("/admin/models/digits/unload", headers=headers)
        assert answer.status_code == 403
        assert "GANFORGE_ADMIN_KEY" in answer.json()["detail"]
    assert client.get("/models/digits").status_code == 200


def test_15_a_key_has_its_images_a_minute(folder: Path) -> None:
    keys = {name: digest_of(name) for name in ("alice", "bob")}
    settings = Settings(
        models=(folder,), device="cpu", api_keys=keys, key_images_per_minute=20, max_images=64
    )
    with TestClient(create_app(settings)) as client:

        def ask(n: int, name: str) -> tuple[int, dict[str, str]]:
            body = {"model": "digits", "n": n, "seed": 1}
            answer = client.post("/generate", json=body, headers=bearer(name))
            return answer.status_code, dict(answer.headers)

        assert ask(15, "alice")[0] == 200
        status, headers = ask(15, "alice")
        assert status == 429
        assert 20 <= int(headers["retry-after"]) <= 30  # ten images are missing, three seconds each
        assert ask(5, "alice")[0] == 200, "what was refused was not paid for"
        assert ask(15, "bob")[0] == 200
        metrics = client.get("/metrics").text
        assert 'ganforge_rejected_total{reason="quota"} 1.0' in metrics
        assert "alice" not in metrics


def test_pages_of_the_origin_may_ask_and_no_others(guarded: TestClient) -> None:
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    ours, others = ({"origin": f"https://{name}.example", **asks} for name in ("page", "other"))
    allowed = guarded.options("/generate", headers=ours)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-origin" not in guarded.options("/generate", headers=others).headers
    simple = guarded.get("/models", headers={"origin": "https://page.example", **bearer("alice")})
    assert "X-Seed" in simple.headers["access-control-expose-headers"]


def test_no_page_may_ask_where_no_origin_is_named(client: TestClient) -> None:
    answer = client.get("/models", headers={"origin": "https://page.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("key", ["", "\xff", "\ud800", "a" * 100_000, digest_of("alice")])
def test_what_is_no_key_is_nobodys(key: str) -> None:
    assert Gate({"alice": digest_of("alice")}, None).owner(key) is None


def test_a_drawn_key_is_never_the_same_and_fits_its_digest() -> None:
    runs = [CliRunner().invoke(ganforge.app, ["key"]).stdout for _ in range(2)]
    found = [re.findall(r"^(?:key|digest) +(\S+)$", said, re.MULTILINE) for said in runs]
    for key, digest in found:
        assert len(key) >= 43
        assert digest == digest_of(key)
        assert Settings(admin_key=digest).admin_key == digest
    assert found[0] != found[1]


@pytest.mark.parametrize("text", ["alice", "alice:secret", f":{'0' * 64}", f"a:{'0' * 64},"])
def test_what_is_no_digest_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANFORGE_API_KEYS", text)
    with pytest.raises(ValidationError, match="expected NAME:DIGEST"):
        Settings()


def test_several_keys_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANFORGE_API_KEYS", f"a:{'0' * 64}, b:{'1' * 64}")
    monkeypatch.setenv("GANFORGE_CORS_ORIGINS", "https://a.example, https://b.example")
    settings = Settings()
    assert settings.api_keys == {"a": "0" * 64, "b": "1" * 64}
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def test_every_key_is_compared_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is right, wherever it stands, ends nothing sooner than one that is wrong."""
    compared: list[tuple[str, str]] = []

    def compare(known: str, given: str) -> bool:
        compared.append((known, given))
        return known == given

    monkeypatch.setattr("hmac.compare_digest", compare)
    known = [digest_of(name) for name in ("alice", "bob", "carol")]
    gate = Gate(dict(zip("abc", known, strict=True)), digest_of("admin"))
    for key, owner in (("alice", "a"), ("carol", "c"), ("admin", "admin"), ("wrong", None)):
        compared.clear()
        assert gate.owner(key) == owner
        assert compared == [(one, digest_of(key)) for one in (*known, digest_of("admin"))]


@pytest.mark.parametrize("name", ["GANFORGE_API_KEYS", "GANFORGE_ADMIN_KEY"])
def test_a_key_where_its_digest_should_be_is_not_said(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "alice:secret")
    with pytest.raises(UserError, match=name) as error:
        read_settings()
    assert "secret" not in str(error.value)
