"""BEGAN's balance in a run of its own, networks and all (Berthelot 2017, §3.3)."""

from itertools import islice
from typing import Any

import pytest
import torch

from training import variants
from training.data import Batches, load
from training.hardware import choose_autocast
from training.loop import start, train
from training.variant import Task


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0.3, 0.7])
def test_the_errors_of_a_run_are_held_at_gamma(gamma: float) -> None:
    """With a controller fast enough to settle in 1,500 steps: E L(G(z)) / E L(x) is gamma."""
    torch.manual_seed(0)
    data = load("digits")
    kind = variants.find("began")
    small = {"generator_width": 8, "discriminator_width": 8, "code": 16, "latent": 16}
    hyper: Any = {**small, "gamma": gamma, "lambda_k": 0.05, "learning_rate": 5e-4}
    variant = kind(Task(channels=1, size=data.size, classes=0), kind.Hyper(**hyper))
    device = torch.device("cpu")
    state = start(variant, decay=0.9)
    steps = train(state, Batches(data, 32, 0, device), choose_autocast("fp32", device))
    last = [
        (metrics["generator/fool"].item(), metrics["discriminator/real"].item())
        for metrics in islice(steps, 1000, 1500)
    ]
    fake, real = (sum(column) for column in zip(*last, strict=True))
    assert fake / real == pytest.approx(gamma, rel=0.1)
    assert 0 < variant.get_buffer("k") < 1
