"""`ganforge zoo` by the real command: killed, resumed, with a variant that fails, and again."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file

from models import checkpoint
from models.checkpoint import Checkpoint
from models.errors import UserError
from tests.training.report.small import judge
from tests.training.zoo import newcomer
from training import run
from training.config import Config, ConfigError
from training.zoo import best, evaluations, failure
from training.zoo import cli as command_line
from training.zoo.attempt import attempt, ended
from training.zoo.entry import Entry
from training.zoo.order import EVERYONE, Order
from training.zoo.work import finished, prepare

NAMES = ("gan", "ebgan", newcomer.NAME)
SMALL = {
    "latent": 4,
    "generator_width": 4,
    "discriminator_width": 4,
    "generator_hidden": 8,
    "discriminator_hidden": 8,
}
EPOCHS = 5


ORDER: dict[str, Any] = {"epochs": EPOCHS, "device": "cpu", "settings": {EVERYONE: SMALL}}
FEWER = "\nimport training.zoo.evaluations\ntraining.zoo.evaluations.SAMPLES = 200\n"


@dataclass(frozen=True, kw_only=True)
class Zoo:
    """What is left of a zoo that was killed once and then run to its end."""

    folder: Path
    ended: subprocess.CompletedProcess[str]

    def run(self, name: str) -> Path:
        return self.folder / "runs" / f"{name}-digits"

    def published(self, name: str) -> Path:
        return self.folder / "served" / f"{name}-digits.safetensors"


def command(folder: Path) -> list[str]:
    words = [sys.executable, "-m", "ganforge", "zoo", "--data", "digits", "--device", "cpu"]
    words += ["--epochs", str(EPOCHS), "--out", str(folder / "runs")]
    words += ["--report", str(folder / "report"), "--publish", str(folder / "served")]
    words += [word for name in NAMES for word in ("--variant", name)]
    return words + [word for name, v in SMALL.items() for word in ("--set", f"{name}={v}")]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Start the zoo, kill it once it has a best snapshot, and return its folder."""
    folder = tmp_path_factory.mktemp("zoo")
    newcomer.write(folder, newcomer.BROKEN, also=FEWER)
    judge(folder / "runs")
    sign = folder / "runs" / "gan-digits" / best.DISTANCES
    environment, silence = newcomer.environment(folder), subprocess.DEVNULL
    with subprocess.Popen(command(folder), env=environment, stdout=silence) as process:
        deadline = time.monotonic() + 240
        while not sign.exists():
            assert process.poll() is None, "the zoo ended before it could be killed"
            assert time.monotonic() < deadline, "the zoo made no snapshot"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert not (sign.parent / "gan-digits.safetensors").exists()
    return folder


@pytest.fixture(scope="module")
def kept(killed: Path) -> int:
    """Return the step of the best snapshot at the kill."""
    return checkpoint.describe(killed / "runs" / "gan-digits" / best.FILE).training.steps


@pytest.fixture(scope="module")
def zoo(killed: Path, kept: int) -> Zoo:
    """Run the killed zoo to its end."""
    ended = subprocess.run(
        command(killed), env=newcomer.environment(killed), capture_output=True, text=True,
        timeout=280, check=False,
    )  # fmt: skip
    return Zoo(folder=killed, ended=ended)


def test_it_goes_on_after_a_failure_and_says_so(zoo: Zoo) -> None:
    assert zoo.ended.returncode == 1
    assert "gan-digits: finished" in zoo.ended.stdout
    assert "ebgan-digits: finished" in zoo.ended.stdout
    assert "newcomer-digits: failed: ArithmeticError: this one fails at its" in zoo.ended.stdout
    assert "1 of 3 failed: the report says why" in zoo.ended.stderr


def test_the_failure_is_kept_and_in_the_report(zoo: Zoo) -> None:
    found = failure.find(zoo.run(newcomer.NAME))
    assert found is not None
    assert found.reason == "ArithmeticError: this one fails at its first step"
    for page in ("index.html", "index.md"):
        text = (zoo.folder / "report" / page).read_text()
        assert f"newcomer-digits</code>: {found.reason}" in text.replace("`", "</code>")


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Add up in the order in which the zoo's processes do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_killed_and_resumed_is_what_a_run_of_its_own_gives(zoo: Zoo, tmp_path: Path) -> None:
    """Neither the kill nor the distances measured between the steps have changed a weight."""
    config = Config(
        variant="gan", data="digits", epochs=EPOCHS, batch=64, device="cpu", hyper=SMALL
    )
    alone = run.prepare(config, tmp_path, "gan-digits", resume=False)
    one = load_file(run.execute(alone, lambda done, terms: None))
    other = load_file(zoo.run("gan") / "gan-digits.safetensors")
    assert [name for name in one if not one[name].equal(other[name])] == []


def test_the_best_is_the_snapshot_of_the_lowest_distance(zoo: Zoo) -> None:
    for name in ("gan", "ebgan"):
        seen = best.read(zoo.run(name))
        assert len(seen) > 1
        card = checkpoint.describe(zoo.run(name) / best.FILE)
        assert card.training.steps == min(seen, key=lambda step: seen[step])


def test_the_best_before_the_kill_still_counts(zoo: Zoo, kept: int) -> None:
    assert kept in best.read(zoo.run("gan"))


def test_last_and_best_are_evaluated_each_by_its_digest(zoo: Zoo) -> None:
    for name in ("gan", "ebgan"):
        for path in (zoo.run(name) / f"{name}-digits.safetensors", zoo.run(name) / best.FILE):
            judgement = evaluations.find(path)
            assert judgement is not None
            assert {"in_domain_fid", "least", "copied"} <= judgement.metrics.keys()


def test_the_best_is_published_with_its_figures(zoo: Zoo) -> None:
    assert sorted(path.name for path in (zoo.folder / "served").iterdir()) == [
        "ebgan-digits.safetensors", "gan-digits.safetensors",
    ]  # fmt: skip
    for name in ("gan", "ebgan"):
        model, source = checkpoint.load(zoo.published(name)), zoo.run(name) / best.FILE
        judgement = evaluations.find(source)
        assert judgement is not None
        assert model.card.metrics == judgement.metrics
        assert model.card.name == zoo.published(name).stem
        assert same_weights(model, checkpoint.load(source))


def same_weights(one: Checkpoint, other: Checkpoint) -> bool:
    pairs = zip(one.generator.parameters(), other.generator.parameters(), strict=True)
    return all(a.equal(b) for a, b in pairs)


def test_what_is_finished_is_not_done_again(zoo: Zoo) -> None:
    assert "3 models, 0 of them finished already" in zoo.ended.stdout
    order = Order(out=zoo.folder / "runs", **ORDER)
    done = [finished(Entry(variant=name, data="digits"), order) for name in NAMES]
    assert done == [True, True, False]


@pytest.mark.parametrize(
    "other", [{"epochs": EPOCHS + 1}, {"settings": {"gan": SMALL | {"learning_rate": 0.1}}}]
)
def test_another_order_is_not_finished(zoo: Zoo, other: dict[str, Any]) -> None:
    order = Order(out=zoo.folder / "runs", **(ORDER | other))
    assert not finished(Entry(variant="gan", data="digits"), order)


def test_a_run_is_never_mixed_with_one_of_other_settings(zoo: Zoo) -> None:
    other = {"settings": {EVERYONE: SMALL | {"learning_rate": 0.1}}}
    order = Order(out=zoo.folder / "runs", **(ORDER | other))
    with pytest.raises(ConfigError, match="was started with hyper="):
        prepare(Entry(variant="gan", data="digits"), order)


def test_a_changed_checkpoint_is_not_evaluated_yet(zoo: Zoo, tmp_path: Path) -> None:
    copytree(zoo.run("gan"), tmp_path / "gan-digits")
    order, entry = Order(out=tmp_path, **ORDER), Entry(variant="gan", data="digits")
    assert finished(entry, order)
    with (tmp_path / "gan-digits" / best.FILE).open("ab") as file:
        file.write(b"0")
    assert not finished(entry, order)


def test_a_run_with_a_damaged_config_is_not_finished_and_says_why(zoo: Zoo, tmp_path: Path) -> None:
    copytree(zoo.run("gan"), tmp_path / "gan-digits")
    order, entry = Order(out=tmp_path, **ORDER), Entry(variant="gan", data="digits")
    (tmp_path / "gan-digits" / "config.json").write_text("")
    assert not finished(entry, order)
    with pytest.raises(ConfigError, match="is damaged"):
        prepare(entry, order)


def test_a_run_that_another_process_is_at_is_left_alone(zoo: Zoo) -> None:
    """Not even the failure is written into its folder: it would be in the other's report."""
    order, entry = Order(out=zoo.folder / "runs", **ORDER), Entry(variant="gan", data="digits")
    before = {path: path.read_bytes() for path in zoo.run("gan").iterdir() if path.is_file()}
    with FileLock(zoo.run("gan") / "run.lock"), pytest.raises(SystemExit) as exit_:
        attempt(entry, order)
    after = {path: path.read_bytes() for path in zoo.run("gan").iterdir() if path.is_file()}
    assert after == before
    reason = ended(entry, order, int(str(exit_.value.code)))
    assert reason is not None
    assert reason.startswith(f"another process is at the run in {zoo.run('gan')}: wait for it")


def test_a_run_that_is_killed_by_the_system_is_a_failure_too(tmp_path: Path) -> None:
    entry, order = Entry(variant="gan", data="digits"), Order(out=tmp_path)
    assert ended(entry, order, -signal.SIGKILL) == "its process was ended by SIGKILL"
    assert failure.find(order.folder(entry)) is not None
    assert ended(entry, order, 0) is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"data": ["digits"], "variant": ["gann"]}, "variant 'gann' is unknown: did you mean 'gan'"),
    ({"data": ["digits"], "set_": ["gan.x"]}, "expected name=value"),
    ({"data": ["digits", ""]}, "the data's name is empty"),
    ({"data": ["digts"]}, "no data set is named 'digts'"),
    ({"data": ["digits"], "device": "tpu"}, "device 'tpu' cannot be used"),
    ({"data": ["digits"], "epochs": float("inf")}, "--epochs: Input should be a finite number"),
    ({"data": ["digits"], "epochs": float("nan")}, "--epochs: Input should be a finite number"),
    ({"data": ["digits"], "epochs": 1e308}, "--epochs: Input should be less than or equal"),
    ({"data": ["digits"], "epochs": -1}, "--epochs: Input should be greater than 0"),
    ({"data": ["digits"], "epochs": 0}, "--epochs: Input should be greater than 0"),
    ({}, "--data is missing"),
    ({"report_only": True}, "holds no run"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_bad_input_is_the_users_error_and_leaves_nothing(
    words: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        command_line.zoo(out=tmp_path / "runs", report=tmp_path / "report", **words)
    assert list(tmp_path.iterdir()) == []


def test_records_are_json_that_others_can_read(zoo: Zoo) -> None:
    kept = json.loads((zoo.run("gan") / evaluations.FILE).read_text())
    digests = {evaluations.digest(zoo.run("gan") / file) for file in (best.FILE,)}
    assert digests <= kept.keys()
