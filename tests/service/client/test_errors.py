"""What goes wrong is told in one tree of errors, with the service's own words."""

import math
import os
import re
import ssl
from typing import Any

import pytest

from service import errors as served
from service.client import (
    AnswerError,
    AsyncClient,
    Client,
    ClientError,
    FaultError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    OverloadedError,
    StrangeAnswerError,
    UnauthorizedError,
    errors,
)
from service.client.errors import kind_of
from service.client.patience import LONGEST_DEADLINE
from service.client.wires import trusted
from service.exchange import LONGEST
from tests.service.client.conftest import Ask
from tests.service.client.puppet import answer, saying


def test_an_unknown_model(ask: Ask) -> None:
    for name, given in (("generate", ["cloths"]), ("model", ["cloths"]), ("arrays", ["cloths"])):
        with pytest.raises(NotFoundError, match="did you mean 'clothes'") as found:
            ask(name, *given)
        assert found.value.status == 404
        assert found.value.detail.startswith("model 'cloths' is not served")
        assert found.value.retry_after is None


def test_a_wrong_field(ask: Ask) -> None:
    with pytest.raises(InvalidError, match="seed: Input should be greater") as found:
        ask("generate", "clothes", seed=-1)
    assert found.value.status == 422
    assert [error["field"] for error in found.value.errors] == ["seed"]
    assert re.fullmatch(r"\S+", found.value.request_id or "")


def test_a_class_that_the_model_has_not(ask: Ask) -> None:
    with pytest.raises(InvalidError, match="did you mean 'Bag'"):
        ask("generate", "clothes", class_="Bagg")


def test_what_is_no_image(ask: Ask) -> None:
    with pytest.raises(InvalidError, match="415: the body is no image"):
        ask("discriminate", b"text", "clothes")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (418, InvalidError),
        (500, FaultError),
        (503, OverloadedError),
        (301, AnswerError),
    ],
)
def test_a_status_has_its_error(status: int, kind: type[AnswerError]) -> None:
    assert kind_of(status) is kind


def test_every_refusal_of_the_service_has_its_family() -> None:
    statuses = {one.status for one in vars(served).values() if is_a(one, served.ServiceError)}
    assert len(statuses) > 10
    for status in statuses:
        found = kind_of(status)
        assert issubclass(found, FaultError) is (status >= 500)


def is_a(one: Any, kind: type) -> bool:
    return isinstance(one, type) and issubclass(one, kind)


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    drawn = re.findall(r"(\w+Error)\b", errors.__doc__ or "")
    classes = [name for name, one in vars(errors).items() if is_a(one, ClientError)]
    assert sorted(drawn) == sorted(classes)
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"([│ ├└─]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            assert len(getattr(errors, found[2]).mro()) == depth + len(ClientError.mro())


HTML = b"<html>hello</html>"


@pytest.mark.parametrize(
    "said",
    [
        answer("200 OK", HTML, "Content-Type: text/html"),
        answer("200 OK", b"{}"),
        answer("200 OK", b"[]"),
        answer("200 OK"),
        answer("204 No Content"),
        answer("200 OK", b"\xff\x00", "X-Model-Digest: 1", "Content-Type: application/zip"),
    ],
)
@pytest.mark.parametrize("name", ["models", "generate", "array", "discriminate"])
def test_an_answer_of_something_else(said: bytes, name: str) -> None:
    given = {"models": (), "discriminate": (b"x", "m")}.get(name, ("m",))
    with saying(said) as puppet, Client(puppet.url, retries=0) as client:
        with pytest.raises(StrangeAnswerError, match="is the address right") as found:
            getattr(client, name)(*given)
        assert puppet.url in str(found.value)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (
            answer("502 Bad Gateway", HTML),
            FaultError,
            "502: Bad Gateway, not of a ganforge: <html>",
        ),
        (answer("404 Not Found"), NotFoundError, "404: Not Found, not of a ganforge: without a"),
        (
            answer("308 Permanent Redirect", b"", "Location: https://x.example/"),
            AnswerError,
            "308: moved to https://x.example/: give that address",
        ),
    ],
)
def test_a_refusal_of_something_else(said: bytes, kind: type[AnswerError], words: str) -> None:
    with (
        saying(said) as puppet,
        Client(puppet.url) as client,
        pytest.raises(kind, match=re.escape(words)),
    ):
        client.models()


@pytest.mark.parametrize(
    "wrong", ["localhost:8000", "ftp://x", "http://", "//x", "http://x:y", "x y"]
)
def test_what_is_no_address(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"url: found .* expected http://HOST:PORT"):
        Client(wrong)
    monkeypatch.setenv("GANFORGE_URL", wrong)
    with pytest.raises(ValueError, match=r"url: found .* expected http://HOST:PORT"):
        Client()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_is_no_number_of_retries(kind: type[Client] | type[AsyncClient]) -> None:
    with pytest.raises(ValueError, match="retries: found -1, expected 0 or more"):
        kind(retries=-1)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("wrong", [1e30, 2_000_001, math.nan])
def test_what_is_no_timeout(kind: type[Client] | type[AsyncClient], wrong: float) -> None:
    expected = f"timeout: found {wrong}, expected seconds, up to 2000000, or math.inf for no end"
    with pytest.raises(ValueError, match=re.escape(expected)):
        kind(timeout=wrong)


@pytest.mark.parametrize("wrong", [1e30, 86_401, math.nan])
@pytest.mark.parametrize("name", ["file", "generate", "array", "arrays"])
def test_what_is_no_deadline(name: str, wrong: float) -> None:
    expected = f"deadline: found {wrong}, expected seconds, up to 86400, or math.inf for no end"
    with pytest.raises(ValueError, match=re.escape(expected)):
        getattr(Client("http://127.0.0.1:1"), name)("m", deadline=wrong)


def test_the_longest_deadline_is_that_of_the_service() -> None:
    assert 1000 * LONGEST_DEADLINE == LONGEST


def test_a_password_in_an_address_is_refused_and_not_told() -> None:
    with pytest.raises(ValueError, match="url: found more than an address") as found:
        Client("http://user:secret@service.example")
    assert "secret" not in str(found.value)


def test_address_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANFORGE_URL", raising=False)
    assert Client().url == "http://127.0.0.1:8000"
    assert Client("https://service.example/gan/").url == "https://service.example/gan"
    assert repr(Client("http://x", key="secret")) == "Client('http://x')"
    for wrong in ("secret\n", "a b", "schlüssel", "\x00"):
        with pytest.raises(ValueError, match="key: found signs that no key has") as found:
            Client(key=wrong)
        assert wrong not in str(found.value)


@pytest.mark.parametrize(
    ("url", "proxy", "all_known"),
    [
        ("http://x", None, False),
        ("https://x", None, True),
        ("http://x", "https://proxy.example", True),
    ],
)
def test_authorities_are_trusted_where_there_is_tls(
    url: str, proxy: str | None, all_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    if proxy is not None:
        monkeypatch.setenv("HTTP_PROXY", proxy)
    found = trusted(url)
    assert (found is True) is all_known
    if isinstance(found, ssl.SSLContext):  # it vouches for nobody
        assert found.verify_mode is ssl.CERT_REQUIRED
        assert found.check_hostname
        assert found.cert_store_stats()["x509_ca"] == 0


def test_a_key_is_sent() -> None:
    nothing = answer("200 OK", b'{"models": []}')
    with saying(nothing) as puppet, Client(puppet.url, key="abc") as client:
        client.models()
    assert b"\r\nAuthorization: Bearer abc\r\n" in puppet.heard[0]
    assert b"\r\nUser-Agent: ganforge/" in puppet.heard[0]
