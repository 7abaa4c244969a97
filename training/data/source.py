"""Source: where a public file lies on this machine, or how it gets here."""

import gzip
import http.client
import logging
import os
import secrets
import shutil
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from training.data.dataset import DataError

Content = TypeVar("Content")

VARIABLE = "GANFORGE_DATA"
# Seconds without a byte before a download is given up.
PATIENCE = 30

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """A file that anyone may download, at `folder/name` under a data root."""

    folder: str
    name: str
    address: str


def cache() -> Path:
    """Return the folder that downloads go to."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ganforge"


def roots(root: Path | None) -> Iterator[Path]:
    """Yield the folders to look in, first the argument, then GANFORGE_DATA, then the cache."""
    if root is not None:
        yield existing(root, "the data root")
    if variable := os.environ.get(VARIABLE):
        yield existing(Path(variable), VARIABLE)
    yield cache()


def existing(folder: Path, setting: str) -> Path:
    """Return the folder that a setting names; a setting without effect is a DataError."""
    if not folder.is_dir():
        raise DataError(f"{setting} is {folder}, which is not a folder: create it or correct it")
    return folder


def find(folder: str, name: str, root: Path | None) -> Path | None:
    """Return where a file lies, decompressed or not, or None."""
    for place in roots(root):
        for path in (place / folder / name, place / folder / name.removesuffix(".gz")):
            if path.is_file():
                return path
    return None


def obtain(file: PublicFile, root: Path | None, read: Callable[[Path], Content]) -> Content:
    """Read a public file, downloading it into the cache where no root has it.

    `read` checks what it reads and raises DataError; a download that fails it is not kept.
    """
    if path := find(file.folder, file.name, root):
        return read(path)
    target = cache() / file.folder / file.name
    try:
        return download(file.address, target, read)
    except (OSError, http.client.HTTPException, DataError) as error:
        raise DataError(
            f"{file.name} is in no data root, and {file.address} did not give it: {error}. "
            f"Try again, put the file at {target}, or set {VARIABLE} (or the data root) to a "
            f"folder that holds {file.folder}/{file.name}"
        ) from error


def download(address: str, target: Path, read: Callable[[Path], Content]) -> Content:
    """Fetch an address, read it, and only then give it its name: whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two processes that start together do not mix their bytes.
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    logger.info("downloading %s to %s", address, target)
    try:
        fetch(address, part)
        content = read(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return content


def fetch(address: str, target: Path) -> None:
    """Write what an http(s) address sends to a file."""
    request = urllib.request.Request(address, headers={"User-Agent": "ganforge"})
    # An opener of its own: the shared one keeps the proxies of the first call for ever.
    opener = urllib.request.build_opener()
    try:
        with opener.open(request, timeout=PATIENCE) as answer, target.open("xb") as file:
            shutil.copyfileobj(answer, file)
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        raise


def content(path: Path) -> bytes:
    """Return a file's bytes, decompressed if they are gzip; DataError when it is broken."""
    try:
        stored = path.read_bytes()
        return gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: {error}; expected a whole file: replace or remove it") from error


def verify(found: bytes | memoryview, expected: str, name: str) -> None:
    """Raise DataError unless bytes have the sha256 that is published for them."""
    actual = sha256(found).hexdigest()
    if actual != expected:
        raise DataError(
            f"{name}: sha256 of the content is {actual}; expected {expected}: "
            "the file is damaged or another one, replace or remove it"
        )
