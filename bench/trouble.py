"""Trouble: what goes on beside the images that are asked for, each in a loop of its own."""

import asyncio
import json
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from bench import hostile, process
from bench.client import Answer, Client, answer, get, post
from bench.server import Running
from bench.verdicts import Verdicts
from models import checkpoint
from models.card import SUFFIX

GUEST = "guest"
LEAVERS_IMAGES = 200
LEAVERS_SECONDS = 0.05
PIECES = 4
# Seconds that the service may take to follow a change of a file, a new worker's start among them,
# and between two looks whether it has.
FOLLOWS = 60
LOOK = 0.05
GONE = 404
# Of so many times that the worker is killed, the next one is killed as well once.
AGAIN = 3


@dataclass(frozen=True, kw_only=True)
class Paces:
    """Seconds between two of a kind."""

    reload: float = 3.0
    step: float = 3.0
    leaver: float = 0.5
    hostile: float = 0.1


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The service under trouble: `residents` are its bundled models, `visitors` an own folder."""

    running: Running
    key: str
    residents: tuple[str, ...]
    visitors: Path
    versions: tuple[Path, Path]
    verdicts: Verdicts
    paces: Paces


def versions(source: Path, folder: Path) -> tuple[Path, Path]:
    """Write a model that is no resident, in two versions."""
    found = checkpoint.load(source)
    paths = folder / "first", folder / "second"
    for path in paths:
        card = found.card.model_copy(update={"name": path.name})
        checkpoint.save(path, card, found.generator, found.discriminator)
    return paths


@asynccontextmanager
async def trouble(scene: Scene) -> AsyncIterator[None]:
    """Keep all kinds up until the block is left."""
    kinds: list[Callable[[Scene], Awaitable[None]]] = [reload, refuse, leave, visit]
    tasks = [asyncio.ensure_future(kind(scene)) for kind in kinds]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(found, Exception):
                raise found


async def reload(scene: Scene) -> None:
    """Have the folders looked at, with the admin's key."""
    request = post("/admin/reload", headers={"Authorization": f"Bearer {scene.key}"})
    with closing(Client(scene.running.port)) as client:
        while True:
            await asyncio.sleep(scene.paces.reload)
            scene.verdicts.hear("reload", await answer(client, request), {200})


async def refuse(scene: Scene) -> None:
    """Ask for what has to be refused, each on a connection of its own."""
    for one in cycle(hostile.requests(scene.residents[0])):
        await asyncio.sleep(scene.paces.hostile)
        with closing(Client(scene.running.port)) as client:
            found = await answer(client, one.request)
        scene.verdicts.hear("hostile", found, one.deserved)


async def leave(scene: Scene) -> None:
    """Ask for much, and hang up before it comes."""
    chance = random.Random(0)
    while True:
        await asyncio.sleep(scene.paces.leaver)
        body = {"model": chance.choice(scene.residents), "n": LEAVERS_IMAGES, "format": "npy"}
        with closing(Client(scene.running.port)) as client, suppress(OSError):
            async with asyncio.timeout(chance.uniform(0, LEAVERS_SECONDS)):
                await client.ask(post("/generate", body))
        scene.verdicts.asked["hung up"] += 1


async def visit(scene: Scene) -> None:
    """Bring, spoil and remove files; kill the worker after another step each time round."""
    for turn, at in enumerate(cycle(KILLED_AFTER)):
        for step in STEPS:
            await step(scene)
            if step is at:
                await kill(scene, again=turn % AGAIN == AGAIN - 1)
            await asyncio.sleep(scene.paces.step)


async def kill(scene: Scene, *, again: bool) -> None:
    """Kill the worker, as a lack of memory would; the next one, too, when it has just begun."""
    worker = process.worker(scene.running.pid)
    shoot(scene, worker)
    if again:
        shoot(scene, await successor(scene, worker))


async def successor(scene: Scene, worker: int | None) -> int | None:
    """Wait for the worker that takes another's place."""
    for _ in range(round(FOLLOWS / LOOK)):
        found = process.worker(scene.running.pid)
        if found not in (worker, None):
            return found
        await asyncio.sleep(LOOK)
    return None


def shoot(scene: Scene, worker: int | None) -> None:
    if worker is not None:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            scene.verdicts.killed()


async def arrive(scene: Scene) -> None:
    """Copy a file slowly to its final name."""
    content = scene.versions[0].read_bytes()
    with visitor(scene).open("wb") as file:
        for place in range(PIECES):
            file.write(
                content[place * len(content) // PIECES : (place + 1) * len(content) // PIECES]
            )
            file.flush()
            await asyncio.sleep(scene.paces.step / PIECES)
    await served(scene, scene.versions[0])


async def tear(scene: Scene) -> None:
    """Put half a file in the place of a whole one."""
    spoil(visitor(scene), scene.versions[1])
    await refused(scene, GUEST)


async def mend(scene: Scene) -> None:
    """Put another whole file in the place of the half."""
    shutil.copy(scene.versions[1], scene.visitors / ".new")
    (scene.visitors / ".new").replace(visitor(scene))
    await served(scene, scene.versions[1])


async def hide(scene: Scene) -> None:
    """Put half a file before a resident's; it goes on from its own, as its images show."""
    spoil(scene.visitors / f"{scene.residents[0]}{SUFFIX}", scene.versions[0])
    await refused(scene, scene.residents[0])


async def show(scene: Scene) -> None:
    """Take that half away."""
    (scene.visitors / f"{scene.residents[0]}{SUFFIX}").unlink()
    await follow(scene, "/readyz", lambda found: found.status == 200 and
                 f"{scene.residents[0]}{SUFFIX}" not in json.loads(found.body)["refused"],
                 "a torn file that is gone is still refused")  # fmt: skip


async def go(scene: Scene) -> None:
    """Take the visitor away."""
    visitor(scene).unlink()
    await follow(scene, f"/models/{GUEST}", lambda found: found.status == GONE,
                 "a model whose file is gone is still served")  # fmt: skip


STEPS = (arrive, tear, mend, hide, show, go)
KILLED_AFTER = (arrive, tear, mend, hide, show, go)


def visitor(scene: Scene) -> Path:
    return scene.visitors / f"{GUEST}{SUFFIX}"


def spoil(path: Path, source: Path) -> None:
    content = source.read_bytes()
    path.write_bytes(content[: len(content) // 2])


async def served(scene: Scene, version: Path) -> None:
    """Wait until the visitor's version serves."""
    await follow(scene, f"/models/{GUEST}", lambda found: found.status == 200 and
                 json.loads(found.body)["card"]["name"] == version.name,
                 "a whole file is not served")  # fmt: skip


async def refused(scene: Scene, name: str) -> None:
    """Wait until a torn file is found out."""
    await follow(scene, "/readyz", lambda found: found.status in (200, 503) and
                 f"{name}{SUFFIX}" in json.loads(found.body)["refused"],
                 "a torn file is not refused")  # fmt: skip


async def follow(scene: Scene, path: str, true: Callable[[Answer], Any], otherwise: str) -> None:
    """Look until it is true; that it does not come true in time is a fault."""
    scene.verdicts.asked["files"] += 1
    with closing(Client(scene.running.port)) as client:
        for _ in range(round(FOLLOWS / LOOK)):
            found = await answer(client, get(path))
            if true(found):
                return
            await asyncio.sleep(LOOK)
    scene.verdicts.fault("files", f"{otherwise} after {FOLLOWS} s: {found.body[:200]!r}")
