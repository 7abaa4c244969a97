"""The file: what goes in comes out, and everything else is refused before any of it is used."""

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models import checkpoint
from models.card import Codes, ModelCard
from models.checkpoint import CheckpointError
from models.networks import DISCRIMINATORS, AutoEncoder
from tests import zoo

CLASSES = ("zero", "one")


@pytest.fixture
def card() -> ModelCard:
    return zoo.card("small", classes=CLASSES)


@pytest.fixture
def path(tmp_path: Path, card: ModelCard) -> Path:
    return zoo.write(tmp_path, card)


def rewrite(path: Path, card: Any = None, **tensors: torch.Tensor | None) -> None:
    """Write the file again with another card, or with tensors changed or taken out."""
    kept = {**load_file(path), **{k.replace("__", "."): v for k, v in tensors.items()}}
    text = card if isinstance(card, str) else json.dumps(card or json.loads(card_of(path)))
    present = {name: tensor for name, tensor in kept.items() if tensor is not None}
    save_file(present, path, metadata={"ganforge": text})


def card_of(path: Path) -> str:
    return checkpoint.describe(path).model_dump_json()


def changed(path: Path, **fields: Any) -> dict[str, Any]:
    return json.loads(card_of(path)) | fields


def test_round_trip(path: Path, card: ModelCard) -> None:
    loaded = checkpoint.load(path)
    assert loaded.card == card == checkpoint.describe(path)
    original = zoo.random_generator(card)
    z, labels = torch.randn(4, 8), torch.tensor([0, 1, 0, 1])
    with torch.no_grad():
        expected = original.half().float()(z, original.embed(labels))
        found = loaded.generator(z, loaded.generator.embed(labels))
    assert torch.allclose(found, expected, atol=1e-5)
    assert not loaded.generator.training
    assert not any(p.requires_grad for p in loaded.generator.parameters())
    assert loaded.discriminator is not None


@pytest.mark.parametrize("network", sorted(DISCRIMINATORS))
def test_every_discriminator_comes_back_from_a_file(tmp_path: Path, network: str) -> None:
    """Networks are built without memory first, which a normalised weight has to bear too."""
    rebuilds = issubclass(DISCRIMINATORS[network], AutoEncoder)
    card = zoo.card(
        "judge",
        judge=network,
        heads={"energy": 1} if rebuilds else {"realness": 1},
        told=2 * (network == "clsgan"),
        verdict="energy" if rebuilds else "probability",
    )
    judge = zoo.random_judge(card).half().float().eval()
    path = tmp_path / "judge.safetensors"
    checkpoint.save(path, card, zoo.random_generator(card), judge)
    found = checkpoint.load(path).discriminator
    assert found is not None
    x, labels = (
        torch.randn(4, 1, 12, 12),
        torch.tensor([0, 1, 0, 1]) if network == "clsgan" else None,
    )
    with torch.no_grad():
        (head,) = card.heads
        assert torch.allclose(found(x, labels)[head], judge(x, labels)[head], atol=1e-4)


def test_parameters_are_half_precision_and_the_digest_is_the_files(path: Path) -> None:
    import hashlib

    tensors = load_file(path)
    assert tensors["generator.label.weight"].dtype == torch.float16
    assert any(t.dtype == torch.float32 for n, t in tensors.items() if "running_var" in n)
    assert checkpoint.load(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("keep", [0, 4, 100, 1000, -1])
def test_a_truncated_file(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match="not a readable safetensors file") as error:
        checkpoint.load(path)
    assert str(path) in str(error.value)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "evil.safetensors"
    witness = tmp_path / "witness"
    path.write_bytes(b"cposix\nsystem\n(S'touch %s'\ntR." % os.fsencode(witness))
    with pytest.raises(CheckpointError):
        checkpoint.load(path)
    assert not witness.exists()


def test_a_header_longer_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", 2**40) + b"{}")
    with pytest.raises(CheckpointError):
        checkpoint.load(path)


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.load(tmp_path / "none.safetensors")
    with pytest.raises(CheckpointError):
        checkpoint.load(tmp_path)


def test_safetensors_of_others(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"w": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="without a 'ganforge' card"):
        checkpoint.load(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"format": 2}, "format"),
        ({"metrics": {"fid": {"value": float("nan"), "protocol": "x"}}}, "finite number"),
        ({"metrics": {"fid": {"value": 1, "floor": float("inf"), "protocol": "x"}}}, "finite"),
        (
            {"generator": {"network": "dcgan", "arguments": {"deep": [{"er": float("inf")}]}}},
            "not JSON compliant",
        ),
        ({"colour": "red"}, "colour"),
        ({"heads": ["taste"]}, "heads"),
        ({"discriminator": None}, "heads are served by a discriminator"),
        ({"generator": {"network": "os", "arguments": {}}}, "network 'os' is unknown"),
        ({"latent": {"dimension": 9}}, "latent 9 and 2 classes"),
        ({"latent": {"dimension": 8, "scheme": "mt19937"}}, "latent scheme 'mt19937' is unknown"),
        ({"class_names": ["a", "b", "c"]}, "latent 8 and 3 classes"),
        ({"class_names": ["a", "a"]}, "expected each once, and none empty"),
        ({"class_names": ["a", ""]}, "expected each once, and none empty"),
        ({"image": {"channels": 3, "height": 12, "width": 12}}, "the card says (1, 3, 12, 12)"),
    ],
)
def test_a_card_that_is_wrong(path: Path, fields: dict[str, Any], message: str) -> None:
    rewrite(path, changed(path, **fields))
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert message in str(error.value)


def test_a_card_that_claims_a_giant_takes_no_memory(path: Path) -> None:
    giant = changed(path)
    giant["generator"]["arguments"]["width"] = 10**6
    rewrite(path, giant)
    with pytest.raises(CheckpointError, match="the card's network expects"):
        checkpoint.load(path)


@pytest.mark.parametrize("part", ["generator", "discriminator"])
@pytest.mark.parametrize(
    "arguments",
    [
        {"width": -1},
        {"width": 2**62},
        {"width": 10**30},
        {"width": "wide"},
        {"width": None},
        {"size": 2**40},
        {"size": -4},
        {"channels": -1},
        {"hidden": -5},
        {"classes": -1},
        {"codes": {"categorical": [10**9]}},
        {"heads": {"realness": -1}},
        {"heads": {"a.b": 1}},
        {"heads": {"": 1}},
        {"heads": 5},
        {"head_hidden": 5},
        {"self": 1},
        {"unknown": 1},
    ],
    ids=str,
)
def test_arguments_that_no_network_has(path: Path, part: str, arguments: dict[str, Any]) -> None:
    card = changed(path)
    card[part]["arguments"] |= arguments
    rewrite(path, card)
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert "frame #" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        ("generator__label__weight", None, "missing ['generator.label.weight']"),
        ("generator__extra", torch.zeros(1), "unexpected ['generator.extra']"),
        ("generator__label__weight", torch.zeros(2, 5).half(), "is torch.float16 (2, 5)"),
        ("generator__label__weight", torch.zeros(2, 4), "is torch.float32 (2, 4)"),
        ("generator__label__weight", torch.full((2, 4), float("nan")).half(), "not finite"),
    ],
)
def test_tensors_that_do_not_fit(
    path: Path, name: str, tensor: torch.Tensor | None, message: str
) -> None:
    rewrite(path, **{name: tensor})
    with pytest.raises(CheckpointError) as error:
        checkpoint.load(path)
    assert message in str(error.value)


def test_weights_that_are_not_finite_are_not_saved(tmp_path: Path, card: ModelCard) -> None:
    generator = zoo.random_generator(card)
    next(generator.parameters()).data.fill_(1e6)  # more than half precision holds
    with pytest.raises(ValueError, match=r"not finite in torch\.float16"):
        checkpoint.save(tmp_path / "x.safetensors", card, generator)
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    """A folder at the temporary file's end stands for the full disk: the rename fails."""
    before = path.read_bytes()
    folder = path.parent / "occupied"
    (folder / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="occupied"):
        checkpoint.write(folder, b"new")
    assert path.read_bytes() == before
    assert {p.name for p in path.parent.iterdir()} == {path.name, "occupied"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")  # noqa: PTH110
def test_a_full_disk_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file is /dev/full, where every write fails as it does on a full disk."""
    before = path.read_bytes()
    fake = path.parent / ".temporary"

    def on_full_disk(**_: Any) -> tuple[int, str]:
        fake.touch()
        return os.open("/dev/full", os.O_WRONLY), str(fake)

    monkeypatch.setattr("tempfile.mkstemp", on_full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.write(path, b"new")
    assert path.read_bytes() == before
    assert not fake.exists()


def test_codes_of_the_card_are_those_of_the_network(tmp_path: Path) -> None:
    path = zoo.write(tmp_path, zoo.card("coded", codes=Codes(categorical=(3,), continuous=2)))
    assert checkpoint.load(path).generator.codes == Codes(categorical=(3,), continuous=2)
    rewrite(path, changed(path, codes={"categorical": [5], "continuous": 0}))
    with pytest.raises(CheckpointError, match=r"the card says codes .* arguments say"):
        checkpoint.load(path)
