"""`GET /`: the files of the playground, as the service sends them; tests/browser uses them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from service.app import create_app
from service.gate import digest_of
from service.routes.playground import TYPES, WEB, routes
from service.settings import Settings

FILES = sorted(path.name for path in WEB.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]
PAGE = (WEB / "index.html").read_text()


def text(name: str) -> str:
    return (WEB / name).read_text()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_sent_as_what_it_is(client: TestClient, name: str) -> None:
    answer = client.get(f"/web/{name}")
    assert answer.content == (WEB / name).read_bytes()
    assert answer.headers["content-type"].split(";")[0] == TYPES[Path(name).suffix]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_is_at_the_root_and_may_only_use_what_is_here(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.text == PAGE
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' blob: data:"
    assert "script-src" not in policy
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}


@pytest.mark.parametrize("path", ["/", "/web/main.js"])
def test_who_has_a_file_is_not_sent_it_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = client.get(path, headers={"if-none-match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/web/main.js"])
def test_head_is_get_without_the_content(client: TestClient, path: str) -> None:
    got, headed = client.get(path), client.head(path)
    assert headed.status_code == 200
    for name in ("etag", "content-type", "content-length", "content-security-policy"):
        assert headed.headers[name] == got.headers[name]
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nothing.js",
        "..%2Fapp.py",
        "%2e%2e/app.py",
        "../app.py",
        "%2Fetc%2Fpasswd",
        "main.js%00",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    answer = client.get(f"/web/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_what_was_there_at_the_start_is_served(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("page")
    (tmp_path / "secret.env").write_text("key")
    (tmp_path / "folder.js").mkdir()
    client = TestClient(Starlette(routes=routes(tmp_path)))
    (tmp_path / "later.js").write_text("")
    (tmp_path / "index.html").write_text("another page")
    assert client.get("/").text == client.get("/web/index.html").text == "page"
    for name in ("secret.env", "folder.js", "later.js"):
        assert client.get(f"/web/{name}").status_code == 404


def test_it_is_open_where_the_rest_asks_for_a_key(folder: Path) -> None:
    settings = Settings(models=(folder,), device="cpu", api_keys={"alice": digest_of("alice")})
    with TestClient(create_app(settings)) as client:
        assert client.get("/").status_code == 200
        assert client.get("/web/style.css").status_code == 200
        assert client.get("/models").status_code == 401


def test_it_is_counted_under_its_template(client: TestClient) -> None:
    for path in ("/", "/web/main.js", "/web/made-up.js"):
        client.get(path)
    metrics = client.get("/metrics").text
    assert 'code="200",model="_unknown",route="/"' in metrics
    assert 'code="404",model="_unknown",route="/web/{name}"' in metrics
    assert "made-up" not in metrics


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_another_host(name: str) -> None:
    content = text(name).replace('xmlns="http://www.w3.org/2000/svg"', "")
    for address in re.findall(r"(?:https?:|url\(|src=|href=|from )[\"'( ]*([^\"')\s>]*)", content):
        assert "//" not in address, address


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_module_makes_markup_or_code_of_text(name: str) -> None:
    assert not re.search(
        r"\bimport\(|\beval\(|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML", text(name)
    )


def test_every_address_of_the_page_is_answered(client: TestClient) -> None:
    for address in re.findall(r'(?:src|href)="([^"#]+)"', PAGE):
        assert not address.startswith("/"), "it works behind a prefix too"
        assert client.get(f"/{address}").status_code == 200, address


def test_every_module_is_loaded_at_once_and_imports_what_there_is() -> None:
    preloaded = re.findall(r'rel="modulepreload" href="web/([\w.]+)"', PAGE)
    assert [*preloaded, "main.js"] == sorted(SCRIPTS, key=lambda name: (name == "main.js", name))
    imported = {name for script in SCRIPTS for name in re.findall(r'from "\./(.+?)"', text(script))}
    assert imported == set(preloaded)


def looked_up() -> Iterator[tuple[str, str]]:
    """List every id that a module looks up, or that the page refers to."""
    for script in SCRIPTS:
        for name in re.findall(r"""(?:byId|\bon|change)\(\s*"([\w-]+)",?""", text(script)):
            yield script, name
    for name in re.findall(
        r'(?:for|aria-controls|aria-labelledby|aria-describedby)="([\w-]+)"', PAGE
    ):
        yield "index.html", name


def test_every_id_that_is_looked_up_is_there_once() -> None:
    ids = re.findall(r'\bid="([\w-]+)"', PAGE)
    assert len(ids) == len(set(ids))
    asked = set(looked_up())
    assert len(asked) > 100
    assert {(where, name) for where, name in asked if name not in ids} == set()


def test_every_control_has_a_name() -> None:
    labelled = set(re.findall(r'<label[^>]* for="([\w-]+)"', PAGE))
    for tag in re.findall(r"<(?:input|select)\b[^>]*>", PAGE):
        (name,) = re.findall(r'id="([\w-]+)"', tag)
        wrapped = re.search(rf'<label[^>]*><input[^>]*id="{name}"', PAGE)
        assert name in labelled or "aria-label=" in tag or wrapped, tag
