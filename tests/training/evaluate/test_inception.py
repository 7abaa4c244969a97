from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.errors import UserError
from training.evaluate import inception as module
from training.evaluate.inception import WEIGHTS, InceptionError, inception

CPU = torch.device("cpu")


class Extractor(nn.Module):
    """Stands in for torch-fidelity's network: it checks what it is given, and answers as wide."""

    def __init__(self, name: str, heads: list[str], *, feature_extractor_weights_path: str) -> None:
        super().__init__()
        assert Path(feature_extractor_weights_path).is_file()
        assert heads == ["2048", "logits_unbiased"]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        assert not self.training
        assert x.dtype == torch.uint8
        assert x.shape[1] == 3
        mean = x.float().flatten(2).mean(2)
        return mean.repeat(1, 683)[:, :2048], mean.repeat(1, 336)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where torch keeps weights."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


@pytest.fixture
def weights(hub: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (hub / WEIGHTS).write_bytes(b"weights")
    monkeypatch.setattr(module, "CHECKSUM", sha256(b"weights").hexdigest()[:8])
    return hub / WEIGHTS


def importing(found: Any) -> Any:
    def stand_in(name: str) -> Any:
        assert name == module.MODULE
        if isinstance(found, Exception):
            raise found
        return found

    return stand_in


@pytest.mark.usefixtures("weights")
def test_grey_and_colour_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    package = SimpleNamespace(FeatureExtractorInceptionV3=Extractor)
    monkeypatch.setattr(module, "import_module", importing(package))
    view = inception(CPU)
    assert (view.name, view.shape, view.class_names) == ("inception", None, ())
    grey = torch.randint(256, (120, 1, 8, 8), dtype=torch.uint8)
    look = view.look(grey)
    assert (look.features.shape, look.logits.shape) == ((120, 2048), (120, 1008))
    torch.testing.assert_close(look.features[:, 0], grey.float().mean((1, 2, 3)))
    assert torch.equal(view.look(grey.repeat(1, 3, 1, 1)).features, look.features)


def test_without_weights_it_says_where_they_belong_and_looks_nowhere_else(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "import_module", importing(AssertionError("imported in vain")))
    with pytest.raises(InceptionError) as error:
        inception(CPU)
    message = str(error.value)
    assert str(hub / WEIGHTS) in message
    assert "github.com/toshas/torch-fidelity" in message
    assert "pip install torch-fidelity" in message


def test_weights_that_are_not_the_published_ones_are_never_read(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "import_module", importing(AssertionError("imported in vain")))
    (hub / WEIGHTS).write_bytes(b"a pickle of somebody's")
    with pytest.raises(InceptionError, match="begins with 6726825d"):
        inception(CPU)


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("No module named 'torch_fidelity'"), RuntimeError("nms is no op")]
)
def test_without_a_package_that_works_it_says_which(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "import_module", importing(error))
    with pytest.raises(UserError, match=rf"{error}.*pip install torch-fidelity"):
        inception(CPU)
