import io
import tarfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.training.data.conftest import Server
from training.data import DataError, cifar10, load, source
from training.data.dataset import Raw

# Six images of 32x32, as pixels last.
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
LABELS = np.array([3, 0, 9, 3, 1, 7], np.uint8)


def write_tar(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def records(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> bytes:
    """Lay images out as the binary version does: label, red plane, green plane, blue plane."""
    return b"".join(
        bytes([label]) + image.transpose(2, 0, 1).tobytes()
        for image, label in zip(images, labels, strict=True)
    )


def sheet(images: NDArray[np.uint8]) -> bytes:
    """Paste six images onto a lossless picture of two rows."""
    picture = Image.new("RGB", (3 * 32, 2 * 32))
    for index, image in enumerate(images):
        picture.paste(Image.fromarray(image), (index % 3 * 32, index // 3 * 32))
    file = io.BytesIO()
    picture.save(file, "webp", lossless=True, exact=True)
    return file.getvalue()


def npy(labels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    np.save(file, labels)
    return file.getvalue()


def sheets_tar(path: Path) -> Path:
    return write_tar(
        path, {"train_00.webp": sheet(IMAGES), "train_labels.npy": npy(LABELS), "names.txt": b""}
    )


SHEETS = cifar10.Sheets(
    count=1, pixels=sha256(IMAGES.data).hexdigest(), labels=sha256(LABELS.data).hexdigest()
)
PARTS = {
    "data_batch_1.bin": records(IMAGES[:4], LABELS[:4]),
    "data_batch_2.bin": records(IMAGES[4:], LABELS[4:]),
}
CHECKSUMS = {name: sha256(content).hexdigest() for name, content in PARTS.items()}


def binary_tar(path: Path, parts: dict[str, bytes] = PARTS) -> Path:
    # In another order, and in the folder that the public file has.
    return write_tar(
        path, {f"cifar-10-batches-bin/{name}": parts[name] for name in reversed(parts)}
    )


def check(raw: Raw) -> None:
    assert raw.images.shape == (6, 3, 32, 32)
    assert torch.equal(raw.images, torch.from_numpy(IMAGES).permute(0, 3, 1, 2))
    assert raw.labels is not None
    assert raw.labels.tolist() == LABELS.tolist()
    assert raw.class_names[3] == "cat"


def test_reads_sheets_row_by_row(tmp_path: Path) -> None:
    check(cifar10.read_sheets(sheets_tar(tmp_path / "sheets.tar"), "train", SHEETS))


@pytest.mark.parametrize("name", ["binary.tar.gz", "binary.tar"])
def test_reads_records_in_the_published_order(tmp_path: Path, name: str) -> None:
    check(cifar10.read_records(binary_tar(tmp_path / name), CHECKSUMS))


def test_downloads_the_binary_version(server: Server) -> None:
    binary_tar(server.folder / "binary.tar.gz")
    file = source.PublicFile(
        folder="cifar10", name="binary.tar.gz", address=f"{server.address}binary.tar.gz"
    )
    check(source.obtain(file, None, lambda path: cifar10.read_records(path, CHECKSUMS)))


def test_refuses_records_with_other_content(tmp_path: Path) -> None:
    parts = {**PARTS, "data_batch_2.bin": bytes(2 * 3073)}
    with pytest.raises(DataError, match=r"data_batch_2\.bin: sha256"):
        cifar10.read_records(binary_tar(tmp_path / "binary.tar.gz", parts), CHECKSUMS)


@pytest.mark.parametrize(
    "other", [replace(SHEETS, pixels="0" * 64), replace(SHEETS, labels="0" * 64)]
)
def test_refuses_sheets_with_other_content(tmp_path: Path, other: cifar10.Sheets) -> None:
    with pytest.raises(DataError, match=r"train (images|labels): sha256"):
        cifar10.read_sheets(sheets_tar(tmp_path / "sheets.tar"), "train", other)


def test_names_the_members_that_are_missing(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "sheets.tar", {"train_00.webp": sheet(IMAGES)})
    with pytest.raises(DataError, match=r"sheets\.tar: holds no train_labels\.npy"):
        cifar10.read_sheets(path, "train", SHEETS)


@pytest.mark.parametrize("keep", [0, 100, -2000])
def test_refuses_a_tar_that_is_cut(tmp_path: Path, keep: int) -> None:
    path = binary_tar(tmp_path / "binary.tar.gz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"binary\.tar\.gz"):
        cifar10.read_records(path, CHECKSUMS)


def test_sheets_under_a_root_come_before_a_download(tmp_path: Path) -> None:
    sheets_tar(tmp_path / "cifar10" / "cifar10_webp_sheets.tar")
    # They are found, and are not the published ones.
    with pytest.raises(DataError, match=r"cifar10_webp_sheets\.tar: holds no train_01\.webp"):
        load("cifar10", root=tmp_path)


def test_the_binary_version_under_a_root_comes_before_a_download(tmp_path: Path) -> None:
    parts = {f"data_batch_{number}.bin": b"" for number in range(1, 6)}
    binary_tar(tmp_path / "cifar10" / "cifar-10-binary.tar.gz", parts)
    with pytest.raises(DataError, match=r"cifar-10-binary\.tar\.gz: data_batch_1\.bin: sha256"):
        load("cifar10", root=tmp_path)


def test_without_files_or_network_it_says_what_to_do() -> None:
    with pytest.raises(DataError) as error:
        load("cifar10", split="test")
    assert "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz" in str(error.value)
    assert "cifar10/cifar-10-binary.tar.gz" in str(error.value)


def test_real_data_has_the_published_moments(real_root: Path) -> None:
    data = load("cifar10", root=real_root)
    assert data.images.shape == (50000, 3, 32, 32)
    assert data.labels is not None
    assert data.labels.bincount().tolist() == [5000] * 10
    mean = [round(channel.float().mean().item() / 255, 4) for channel in data.images.unbind(1)]
    assert mean == [0.4914, 0.4822, 0.4465]


def test_real_test_split(real_root: Path) -> None:
    data = load("cifar10", split="test", root=real_root)
    assert data.images.shape == (10000, 3, 32, 32)
    assert data.labels is not None
    assert data.labels.bincount().tolist() == [1000] * 10
    assert data.class_names[0] == "airplane"
