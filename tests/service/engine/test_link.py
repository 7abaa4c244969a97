"""The worker process: what it loads and refuses, and what is left when it dies."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.errors import UserError
from models.latents import SEED_LIMIT
from service.engine.link import Link, LostError
from service.engine.orders import Load, Model, Refused, Run, Setup
from service.engine.work import Samples
from tests import zoo

SETUP = Setup(device="cpu", precision="fp32", threads=1, capacity=8)


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    link = Link.open(SETUP)
    yield link
    link.close()


@pytest.fixture(scope="module")
def model(link: Link, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("link")
    zoo.write(folder, zoo.card("plain"))
    answer = link.ask(Load(folder / "plain.safetensors"))
    assert isinstance(answer, Model)
    return answer


def samples(count: int) -> Samples:
    return Samples(np.arange(count), None)


def test_it_says_what_it_has(link: Link, model: Model) -> None:
    assert link.device == "cpu"
    assert (model.card.name, model.precision, model.sizes[-1]) == ("plain", "fp32", 8)
    assert [model.sizes.fit(count) for count in (1, 8)] == [model.sizes[0], 8]


def test_it_computes_while_the_event_loop_goes_on(link: Link, model: Model) -> None:
    async def run() -> tuple[np.ndarray, int]:
        turns = 0
        answer = asyncio.ensure_future(link.call(Run(model.digest, samples(8))))
        while not answer.done():
            turns += 1
            await asyncio.sleep(0)
        return await answer, turns

    rows, turns = asyncio.run(run())
    image = model.card.image
    assert rows.shape == (8, image.height, image.width, image.channels)
    assert rows.dtype == np.uint8
    assert turns > 1


def test_what_cannot_be_done_is_refused_and_it_lives_on(
    link: Link, model: Model, tmp_path: Path
) -> None:
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(b"torn")
    refused = link.ask(Load(torn))
    assert isinstance(refused, Refused)
    assert refused.user
    assert "torn.safetensors" in refused.reason
    unknown = asyncio.run(link.call(Run("0" * 64, samples(1))))
    assert isinstance(unknown, Refused)
    assert "its file was changed or removed" in unknown.reason
    bug = asyncio.run(link.call(Run(model.digest, Samples(np.array(["seed"]), None))))
    assert isinstance(bug, Refused)
    assert not bug.user
    last = Samples(np.array([SEED_LIMIT - 1]), None)
    assert len(asyncio.run(link.call(Run(model.digest, last)))) == 1


def test_a_device_that_is_not_there_is_an_error_of_the_user() -> None:
    with pytest.raises(UserError, match="device 'tpu' cannot be used"):
        Link.open(Setup(device="tpu", precision="auto", threads=1, capacity=8))


def test_a_dead_worker_is_noticed_at_once() -> None:
    link = Link.open(SETUP)

    async def run() -> None:
        asked = asyncio.ensure_future(link.call(Run("0" * 64, samples(1))))
        await asked
        os.kill(link._process.pid or 0, signal.SIGKILL)
        with pytest.raises(LostError):
            await link.call(Run("0" * 64, samples(1)))

    asyncio.run(run())
    link.close()
