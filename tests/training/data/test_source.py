import gzip
from hashlib import sha256
from pathlib import Path

import pytest

from tests.training.data.conftest import Server
from training.data import DataError, source

FILE = source.PublicFile(folder="set", name="data.gz", address="http://127.0.0.1:9/data.gz")


def put(root: Path, content: bytes, name: str = "data.gz") -> Path:
    path = root / "set" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def served(server: Server, content: bytes) -> source.PublicFile:
    (server.folder / "data.gz").write_bytes(content)
    return source.PublicFile(folder="set", name="data.gz", address=f"{server.address}data.gz")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_argument_comes_before_the_variable_and_the_variable_before_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = tmp_path / "variable"
    put(tmp_path / "argument", b"argument")
    put(variable, b"variable")
    put(source.cache(), b"cache")
    assert source.obtain(FILE, None, Path.read_bytes) == b"cache"
    monkeypatch.setenv("GANFORGE_DATA", str(variable))
    assert source.obtain(FILE, None, Path.read_bytes) == b"variable"
    assert source.obtain(FILE, tmp_path / "argument", Path.read_bytes) == b"argument"


def test_a_root_without_the_file_is_passed_over(tmp_path: Path) -> None:
    put(source.cache(), b"cache")
    (tmp_path / "argument").mkdir()
    assert source.obtain(FILE, tmp_path / "argument", Path.read_bytes) == b"cache"


def test_a_decompressed_file_will_do(tmp_path: Path) -> None:
    put(tmp_path / "root", b"plain", name="data")
    assert source.obtain(FILE, tmp_path / "root", Path.read_bytes) == b"plain"


def test_the_cache_is_in_the_home_folder_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/somebody")
    assert source.cache() == Path("/somebody/.cache/ganforge")


def test_a_root_that_is_not_a_folder_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match=r"the data root is .*nowhere, which is not a folder"):
        source.obtain(FILE, tmp_path / "nowhere", Path.read_bytes)
    monkeypatch.setenv("GANFORGE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"GANFORGE_DATA is .*nowhere, which is not a folder"):
        source.obtain(FILE, None, Path.read_bytes)


def test_an_absent_file_is_downloaded_once(server: Server) -> None:
    file = served(server, b"from afar")
    assert source.obtain(file, None, Path.read_bytes) == b"from afar"
    server.stop()
    assert source.obtain(file, None, Path.read_bytes) == b"from afar"
    assert files_in(source.cache()) == [source.cache() / "set" / "data.gz"]


def test_a_download_that_cannot_be_read_is_not_kept(server: Server) -> None:
    def read(path: Path) -> bytes:
        assert path.read_bytes() == b"damaged"
        raise DataError("it is damaged")

    with pytest.raises(DataError, match=r"data\.gz did not give it: it is damaged"):
        source.obtain(served(server, b"damaged"), None, read)
    assert files_in(source.cache()) == []


def test_a_failed_download_says_where_why_and_what_to_do(server: Server) -> None:
    file = served(server, b"")
    (server.folder / "data.gz").unlink()
    with pytest.raises(DataError) as error:
        source.obtain(file, None, Path.read_bytes)
    message = str(error.value)
    assert file.address in message
    assert "404" in message
    assert str(source.cache() / "set" / "data.gz") in message
    assert "GANFORGE_DATA" in message
    assert "set/data.gz" in message
    assert files_in(source.cache()) == []


def test_nobody_at_the_address_is_an_error_of_the_same_kind() -> None:
    with pytest.raises(DataError, match="refused"):
        source.obtain(FILE, None, Path.read_bytes)


def test_a_cache_that_cannot_be_written_is_an_error_of_the_same_kind(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "occupied").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "occupied"))
    with pytest.raises(DataError, match="Not a directory"):
        source.obtain(served(server, b"good"), None, Path.read_bytes)


def test_a_file_on_this_machine_that_is_damaged_is_not_downloaded_over(
    server: Server, tmp_path: Path
) -> None:
    path = put(tmp_path / "root", gzip.compress(b"good")[:-4])
    file = served(server, gzip.compress(b"good"))
    with pytest.raises(DataError, match=str(path)):
        source.obtain(file, tmp_path / "root", source.content)


@pytest.mark.parametrize("stored", [b"pixels", gzip.compress(b"pixels")], ids=["plain", "gzip"])
def test_content_is_decompressed_where_it_has_to_be(tmp_path: Path, stored: bytes) -> None:
    assert source.content(put(tmp_path, stored)) == b"pixels"


@pytest.mark.parametrize(
    "stored",
    [gzip.compress(b"pixels")[:-9], gzip.compress(b"pixels")[:5], b"\x1f\x8b" + bytes(30)],
    ids=["end missing", "header cut", "no such method"],
)
def test_broken_gzip_names_the_file(tmp_path: Path, stored: bytes) -> None:
    path = put(tmp_path, stored)
    with pytest.raises(DataError, match=str(path)):
        source.content(path)


def test_verify_tells_both_checksums() -> None:
    good = sha256(b"good").hexdigest()
    source.verify(b"good", good, "file")
    with pytest.raises(DataError) as error:
        source.verify(b"bad", good, "file")
    assert all(part in str(error.value) for part in ("file", good, sha256(b"bad").hexdigest()))
