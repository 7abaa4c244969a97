import hashlib

import pytest
import torch
from torch import Tensor

from training.data import DataError, DataSet
from training.data.dataset import fingerprint

IMAGES = torch.arange(2 * 3 * 4 * 4, dtype=torch.uint8).view(2, 3, 4, 4)
LABELS = torch.tensor([1, 0])


def data_set(
    images: Tensor = IMAGES,
    labels: Tensor | None = LABELS,
    class_names: tuple[str, ...] = ("cat", "dog"),
    name: str = "pets",
) -> DataSet:
    return DataSet(name=name, images=images, labels=labels, class_names=class_names, digest="0")


def test_says_its_shape() -> None:
    data = data_set()
    assert (len(data), data.channels, data.size, data.classes) == (2, 3, 4, 2)


def test_has_no_classes_without_labels() -> None:
    assert data_set(labels=None, class_names=()).classes == 0


@pytest.mark.parametrize(
    ("images", "found"),
    [
        (IMAGES.float(), "torch.float32"),
        (IMAGES[..., :3], "(2, 3, 4, 3)"),
        (IMAGES[:, :2], "(2, 2, 4, 4)"),
        (IMAGES[:0], "(0, 3, 4, 4)"),
        (IMAGES[0], "(3, 4, 4)"),
    ],
)
def test_refuses_images_of_another_shape_or_type(images: Tensor, found: str) -> None:
    with pytest.raises(DataError) as error:
        data_set(images=images, labels=None, class_names=())
    assert found in str(error.value)
    assert "pets" in str(error.value)


@pytest.mark.parametrize(
    ("labels", "names", "found"),
    [
        (LABELS.int(), ("cat", "dog"), "torch.int32"),
        (LABELS[:1], ("cat", "dog"), "(1,)"),
        (LABELS, ("cat",), "from 0 to 1"),
        (LABELS - 1, ("cat", "dog"), "from -1 to 0"),
        (None, ("cat", "dog"), "2 class names and no labels"),
    ],
)
def test_refuses_labels_that_do_not_fit(
    labels: Tensor | None, names: tuple[str, ...], found: str
) -> None:
    with pytest.raises(DataError) as error:
        data_set(labels=labels, class_names=names)
    assert found in str(error.value)


@pytest.mark.parametrize(
    ("name", "class_names"), [("\udcff", ("cat", "dog")), ("pets", ("cat", "\udcff"))]
)
def test_refuses_names_that_are_not_text(name: str, class_names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="not UTF-8"):
        data_set(name=name, class_names=class_names)


def test_fingerprint_is_the_sha256_of_shape_names_images_and_labels() -> None:
    expected = hashlib.sha256(
        b'[[2, 3, 4, 4], true, ["cat", "dog"]]' + bytes(range(96)) + b"\1" + bytes(15)
    ).hexdigest()
    assert fingerprint(IMAGES, LABELS, ("cat", "dog")) == expected


def test_fingerprint_sees_every_part() -> None:
    changed = IMAGES.clone()
    changed[1, 2, 3, 3] ^= 1
    digests = {
        fingerprint(IMAGES, LABELS, ("cat", "dog")),
        fingerprint(changed, LABELS, ("cat", "dog")),
        fingerprint(IMAGES.view(2, 3, 2, 8), LABELS, ("cat", "dog")),
        fingerprint(IMAGES, LABELS.flip(0), ("cat", "dog")),
        fingerprint(IMAGES, LABELS, ("cat", "cow")),
        fingerprint(IMAGES, None, ()),
    }
    assert len(digests) == 6


def test_fingerprint_ignores_how_the_images_lie_in_memory() -> None:
    strided = IMAGES.to(memory_format=torch.channels_last)
    assert fingerprint(strided, None, ()) == fingerprint(IMAGES, None, ())
