import gzip
import struct
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from tests.training.data.conftest import Server
from training.data import DataError, idx, load

PIXELS = bytes(range(2 * 3 * 4))


def idx_bytes(sizes: tuple[int, ...], values: bytes) -> bytes:
    return bytes((0, 0, 8, len(sizes))) + struct.pack(f">{len(sizes)}I", *sizes) + values


IMAGES = idx_bytes((2, 3, 4), PIXELS)
LABELS = idx_bytes((2,), b"\2\0")


def write(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def small(address: str) -> idx.Public:
    """Describe a public data set of the two files above, published at an address."""
    raw = {"t10k-images-idx3-ubyte": IMAGES, "t10k-labels-idx1-ubyte": LABELS}
    return idx.Public(
        folder="small",
        address=address,
        class_names=("a", "b", "c"),
        checksums={name: sha256(content).hexdigest() for name, content in raw.items()},
    )


def test_parses_sizes_and_values_in_order() -> None:
    parsed = idx.parse(IMAGES, 3, Path("file"))
    assert parsed.tolist() == torch.arange(24).view(2, 3, 4).tolist()
    assert idx.parse(LABELS, 1, Path("file")).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", "0 bytes that begin with nothing"),
        (b"\x89PNG" + bytes(40), "begin with 89 50 4e 47"),
        (LABELS, "begin with 00 00 08 01"),
        (b"\0\0\x0d\3" + IMAGES[4:], "begin with 00 00 0d 03"),
        (IMAGES[:15], "15 bytes that begin with 00 00 08 03"),
        (IMAGES[:-1], "23 bytes after the header; expected 24 for 2 x 3 x 4"),
        (IMAGES + b"\0", "25 bytes after the header; expected 24"),
        (idx_bytes((2**32 - 1,) * 3, PIXELS), "24 bytes after the header"),
        (idx_bytes((0, 3, 4), b""), "sizes (0, 3, 4)"),
    ],
    ids=["empty", "png", "labels", "floats", "cut header", "cut", "longer", "vast", "no images"],
)
def test_refuses_what_is_not_idx_images(raw: bytes, found: str) -> None:
    with pytest.raises(DataError) as error:
        idx.parse(raw, 3, Path("some-file"))
    assert "some-file" in str(error.value)
    assert found in str(error.value)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("labels_suffix", ["", ".gz"])
def test_loads_a_pair_by_the_path_of_its_images(
    tmp_path: Path, suffix: str, labels_suffix: str
) -> None:
    path = write(tmp_path / "runes", f"train-images-idx3-ubyte{suffix}", IMAGES)
    write(tmp_path / "runes", f"train-labels-idx1-ubyte{labels_suffix}", LABELS)
    data = load(str(path))
    assert data.name == "runes"
    assert data.images.shape == (2, 1, 3, 3)
    assert data.images[0, 0].tolist() == [[0, 1, 2], [4, 5, 6], [8, 9, 10]]
    assert data.labels is not None
    assert data.labels.tolist() == [2, 0]
    assert data.class_names == ("0", "1", "2")


def test_loads_images_without_labels(tmp_path: Path) -> None:
    data = load(str(write(tmp_path, "train-images-idx3-ubyte", IMAGES)), size=8, channels=3)
    assert data.images.shape == (2, 3, 8, 8)
    assert data.labels is None
    assert data.class_names == ()


def test_refuses_labels_of_another_number(tmp_path: Path) -> None:
    path = write(tmp_path, "train-images-idx3-ubyte", IMAGES)
    write(tmp_path, "train-labels-idx1-ubyte", idx_bytes((3,), bytes(3)))
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte: 3 labels; expected 2"):
        load(str(path))


@pytest.mark.parametrize("other", ["t10k", "test"])
def test_finds_the_test_split_beside_the_train_split(tmp_path: Path, other: str) -> None:
    path = write(tmp_path, "runes-train-images-idx3-ubyte", IMAGES)
    write(tmp_path, f"runes-{other}-images-idx3-ubyte", idx_bytes((1, 1, 1), b"\7"))
    assert load(str(path), split="test").images.tolist() == [[[[7]]]]
    assert len(load(str(path), split="train")) == 2


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "images-idx3-ubyte"])
def test_says_that_there_is_no_test_split(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="has no test split"):
        load(str(write(tmp_path, name, IMAGES)), split="test")


def test_downloads_a_public_data_set(server: Server) -> None:
    for name, content in (("images-idx3", IMAGES), ("labels-idx1", LABELS)):
        write(server.folder, f"t10k-{name}-ubyte.gz", content)
    raw = idx.read_public(small(server.address), "test", None)
    assert raw.images.tolist() == torch.arange(24).view(2, 1, 3, 4).tolist()
    assert raw.labels is not None
    assert raw.labels.tolist() == [2, 0]
    assert raw.class_names == ("a", "b", "c")


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_finds_a_public_data_set_under_a_root(tmp_path: Path, suffix: str) -> None:
    for name, content in (("images-idx3", IMAGES), ("labels-idx1", LABELS)):
        write(tmp_path / "small", f"t10k-{name}-ubyte{suffix}", content)
    assert len(idx.read_public(small("http://nowhere/"), "test", tmp_path).images) == 2


def test_refuses_public_files_with_other_content(tmp_path: Path) -> None:
    altered = IMAGES[:-1] + b"\0"
    path = write(tmp_path / "small", "t10k-images-idx3-ubyte.gz", altered)
    with pytest.raises(DataError) as error:
        idx.read_public(small("http://nowhere/"), "test", tmp_path)
    assert str(path) in str(error.value)
    assert sha256(altered).hexdigest() in str(error.value)
    assert sha256(IMAGES).hexdigest() in str(error.value)


def test_the_split_decides_the_file(tmp_path: Path) -> None:
    data = small("http://nowhere/")
    checksums = {name.replace("t10k", "train"): sum_ for name, sum_ in data.checksums.items()}
    write(tmp_path / "small", "train-images-idx3-ubyte", IMAGES)
    write(tmp_path / "small", "train-labels-idx1-ubyte", LABELS)
    assert len(idx.read_public(replace(data, checksums=checksums), "train", tmp_path).images) == 2
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte"):
        idx.read_public(replace(data, checksums=checksums), "test", tmp_path)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_built_in_refuses_files_that_are_not_the_published_ones(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path / name, "train-images-idx3-ubyte.gz", IMAGES)
    with pytest.raises(DataError, match="sha256 of the content"):
        load(name, root=tmp_path)


def test_fashion_is_fetched_from_its_address_and_not_kept_when_it_is_another(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a proxy the server is asked for the real address.
    monkeypatch.setenv("http_proxy", server.address)
    write(server.folder, "train-images-idx3-ubyte.gz", IMAGES)
    with pytest.raises(DataError) as error:
        load("fashion_mnist")
    assert "fashion-mnist.s3-website.eu-central-1.amazonaws.com" in str(error.value)
    assert sha256(IMAGES).hexdigest() in str(error.value)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_mnist_without_files_or_network_says_what_to_do() -> None:
    with pytest.raises(DataError) as error:
        load("mnist")
    message = str(error.value)
    assert "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz" in message
    assert "mnist/train-images-idx3-ubyte.gz" in message
    assert "GANFORGE_DATA" in message


@pytest.mark.parametrize(
    ("name", "mean", "deviation", "third_class"),
    [("mnist", 0.1307, 0.3081, "2"), ("fashion_mnist", 0.2860, 0.3530, "Pullover")],
)
def test_real_data_has_the_published_moments(
    real_root: Path, name: str, mean: float, deviation: float, third_class: str
) -> None:
    data = load(name, root=real_root)
    assert data.images.shape == (60000, 1, 28, 28)
    assert data.class_names[2] == third_class
    pixels = data.images.float() / 255
    assert (round(pixels.mean().item(), 4), round(pixels.std().item(), 4)) == (mean, deviation)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("mnist", [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
        ("fashion_mnist", [1000] * 10),
    ],
)
def test_real_test_split_has_the_published_counts(
    real_root: Path, name: str, counts: list[int]
) -> None:
    data = load(name, split="test", root=real_root)
    assert data.labels is not None
    assert data.labels.bincount().tolist() == counts


def test_real_fashion_is_downloaded(
    real_root: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    for path in (real_root / "fashion_mnist").glob("t10k-*"):
        (server.folder / path.name).symlink_to(path)
    downloaded = load("fashion_mnist", split="test")
    server.stop()
    cached = load("fashion_mnist", split="test")
    there = load("fashion_mnist", split="test", root=real_root)
    assert downloaded.digest == cached.digest == there.digest
