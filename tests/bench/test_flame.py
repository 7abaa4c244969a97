import os
from pathlib import Path

import pytest

from bench.flame import FlameError, clean, recording
from bench.server import ROOT


def frame(name: str, share: str) -> str:
    title = f"<g><title>{name} (1,234 samples, {share}%)</title>"
    return f'{title}<rect x="1%"/><text x="1%">{name}</text></g>'


def svg(*frames: str) -> str:
    title = '<text id="title" x="50%">/opt/bin/py-spy record --pid 1</text>'
    return f'<svg xmlns="http://www.w3.org/2000/svg">{title}{"".join(frames)}</svg>'


def test_only_frames_that_can_be_read_are_left() -> None:
    found = clean(svg(frame("wide (a.py)", "12.50"), frame("narrow (b.py)", "0.19")))
    assert frame("wide (a.py)", "12.50") in found
    assert "narrow" not in found
    assert found.startswith('<svg xmlns="http://www.w3.org/2000/svg">')


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/opt/env/lib/site-packages/uvicorn/server.py", "uvicorn/server.py"),
        (f"{ROOT}/service/app.py", "service/app.py"),
        ("/opt/python/threading.py", "threading.py"),
        ("service/app.py", "service/app.py"),
        ("&lt;string&gt;", "&lt;string&gt;"),
    ],
)
def test_no_path_of_the_machine_is_left(path: str, named: str) -> None:
    assert frame(f"run ({named}:1)", "5.00") in clean(svg(frame(f"run ({path}:1)", "5.00")))


def test_the_title_says_what_was_looked_at() -> None:
    found = clean(svg())
    assert ">ganforge serve, 64 connections, an image each<" in found
    assert "py-spy" not in found


def test_without_py_spy_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(FlameError, match="pip install py-spy"), recording(os.getpid(), tmp_path, 1):
        pytest.fail("nobody looks")
