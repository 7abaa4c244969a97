"""Runs by the real command, in processes of their own: results, resuming, and what goes wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

import pytest
from filelock import FileLock
from PIL import Image
from safetensors.torch import load_file

from models import checkpoint
from models.checkpoint import CheckpointError
from tests.training import forks
from training import snapshot, variants
from training.config import Config, ConfigError
from training.data import load
from training.run import execute, prepare

SMALL = ["--set", "generator_width=8", "--set", "discriminator_width=8", "--batch", "16"]


class Done(NamedTuple):
    """A command that has ended, and all that it said."""

    code: int
    said: str


def command(variant: str, out: Path, *more: str, data: str = "digits") -> list[str]:
    own = ["train", variant, "--data", data, "--out", str(out), "--device", "cpu"]
    return [*own, *SMALL, *more]


def run(words: Sequence[str]) -> Done:
    with NamedTemporaryFile() as said:
        code = forks.run(words, Path(said.name))
        return Done(code, said.read().decode())


def until(sign: Path, alive: Callable[[], bool]) -> None:
    """Wait for a file that a run makes."""
    deadline = time.monotonic() + 120
    while not sign.exists():
        assert alive(), "the run ended before it could be killed"
        assert time.monotonic() < deadline, "the run made no snapshot"
        time.sleep(0.005)


@pytest.mark.parametrize("variant", variants.names())
def test_killed_and_resumed_is_bit_equal_to_unbroken(variant: str, tmp_path: Path) -> None:
    """Killed without a warning, at whatever it does just after its second snapshot."""
    whole, broken, said = tmp_path / "whole", tmp_path / "broken", tmp_path / "said"

    def words(out: Path, steps: int, *more: str) -> list[str]:
        return command(variant, out, "--steps", str(steps), "--save-every", "3", *more)

    killed = forks.begin(words(broken, 1_000_000), said)
    until(broken / "samples" / "0000006.png", killed.is_alive)
    killed.kill()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert not list(broken.glob(f"{variant}-*.safetensors"))
    steps = snapshot.read(broken / "run.safetensors")[1]["step"] + 4
    assert forks.run(words(whole, steps), said) == 0, said.read_text()
    assert forks.run(words(broken, steps, "--resume"), said) == 0, said.read_text()
    for file in (f"{variant}-digits.safetensors", "run.safetensors"):
        one, other = load_file(whole / file), load_file(broken / file)
        assert one.keys() == other.keys()
        assert [name for name in one if not one[name].equal(other[name])] == []
    assert recorded(whole) == recorded(broken)
    assert recorded(whole)[-1]["step"] == steps


def recorded(out: Path) -> list[dict[str, float]]:
    """Read a journal, but for how long it took."""
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return [{key: line[key] for key in line if key != "seconds"} for line in lines]


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    words = command("dcgan", tmp_path, "--steps", "100000", "--save-every", "10")
    ganforge = [sys.executable, "-m", "ganforge", *words]
    with subprocess.Popen(
        ganforge, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        until(tmp_path / "samples" / "0000010.png", lambda: process.poll() is None)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    step = max(int(path.stem) for path in (tmp_path / "samples").iterdir())
    assert said.endswith(f"stopped and saved at step {step}: --resume goes on\n")
    again = run([*words[:-4], "--steps", str(step + 5), "--save-every", "10", "--resume"])
    assert again.code == 0, again.said
    card = checkpoint.describe(tmp_path / "dcgan-digits.safetensors")
    assert card.training.steps == step + 5


def test_a_run_folder_says_everything(tmp_path: Path) -> None:
    out, published = tmp_path / "run", tmp_path / "served"
    words = ["--steps", "60", "--name", "mine", "--publish", str(published), "--seed", "3"]
    assert run(command("acgan", out, *words)).code == 0
    assert {path.name for path in out.iterdir()} == {
        "config.json", "metrics.jsonl", "losses.png", "samples", "run.safetensors", "run.lock",
        "mine.safetensors",
    }  # fmt: skip
    with Image.open(out / "losses.png") as curves:
        assert curves.size[0] > 100
    with Image.open(out / "samples" / "0000060.png") as samples:
        assert samples.size == (160, 128)
    model = checkpoint.load(published / "mine.safetensors")
    card = model.card
    assert (card.name, card.variant, card.dataset) == ("mine", "acgan", "digits")
    assert card.class_names == tuple("0123456789")
    assert card.heads == ("realness", "classes")
    assert (card.training.steps, card.training.images, card.training.seed) == (60, 960, 3)
    assert card.training.hyper_parameters["generator_width"] == 8
    assert len(card.training.data_digest) == 64
    line = json.loads((out / "metrics.jsonl").read_text().splitlines()[-1])
    assert set(line) == {
        "step", "batch", "seconds", "discriminator/real", "discriminator/fake",
        "discriminator/real_class", "discriminator/fake_class", "generator/fool",
        "generator/class",
    }  # fmt: skip


def test_a_folder_of_ones_own_images(tmp_path: Path) -> None:
    images = tmp_path / "pictures"
    for label, colour in (("sky", (80, 120, 220)), ("grass", (60, 180, 60))):
        (images / label).mkdir(parents=True)
        for number in range(12):
            picture = Image.new("RGB", (40 + number, 30), colour)
            picture.save(images / label / f"{number}.png")
    (images / "sky" / "broken.png").write_bytes(b"not an image")
    words = command("cgan", tmp_path / "run", "--steps", "3", "--size", "16", data=str(images))
    done = run(words)
    assert done.code == 0, done.said
    assert "broken.png" in done.said
    card = checkpoint.describe(tmp_path / "run" / "cgan-pictures.safetensors")
    assert card.class_names == ("grass", "sky")
    assert (card.image.channels, card.image.height) == (3, 16)


def words_of(out: Path, *more: str, variant: str = "gan", data: str = "digits") -> list[str]:
    return command(variant, out, "--steps", "2", *more, data=data)


@pytest.mark.parametrize(
    ("variant", "data", "more", "message"),
    [
        ("ganx", "digits", [], "variant 'ganx' is unknown: did you mean 'gan'?"),
        ("gan", "", [], "the data's name is empty"),
        ("gan", "/dev/null", [], "what is neither a folder nor a file is at that path"),
        ("gan", "mnits", [], "no data set is named 'mnits'"),
        ("gan", "digits", ["--set", "nope=1"], "gan cannot take nope"),
        (
            "gan",
            "digits",
            ["--set", "learning_rate=fast"],
            "learning_rate: Input should be a valid",
        ),
        ("gan", "digits", ["--set", "latent"], "expected name=value"),
        ("gan", "digits", ["--batch", "5000"], "choose a smaller batch"),
        ("gan", "digits", ["--batch", "0"], "--batch: Input should be greater than 1"),
        ("gan", "digits", ["--epochs", "inf"], "--epochs: Input should be a finite number"),
        ("gan", "digits", ["--epochs", "nan"], "--epochs: Input should be a finite number"),
        ("gan", "digits", ["--epochs", "1e308"], "--epochs: Input should be less than or equal"),
        ("gan", "digits", ["--epochs", "-1"], "--epochs: Input should be greater than 0"),
        ("gan", "digits", ["--ema", "nan"], "--ema: Input should be a finite number"),
        ("gan", "digits", ["--steps", "9" * 400], "--steps: Input should be less than"),
        ("gan", "digits", ["--save-every", "0"], "--save-every: Input should be greater than 0"),
        (
            "gan",
            "digits",
            ["--set", "learning_rate=NaN"],
            "learning_rate: Input should be a finite",
        ),
        ("gan", "digits", ["--device", "tpu"], "device 'tpu' cannot be used"),
        ("gan", "digits", ["--precision", "int8"], "--precision: Input should be 'auto'"),
        ("dcgan", "digits", ["--size", "31"], "image size 31 cannot be halved"),
        ("gan", "digits", ["--resume"], "holds no run to resume"),
        ("gan", "digits", ["--name", "../x"], "--name '../x': expected letters, digits"),
        ("gan", "digits", ["--publish", __file__], "File exists; expected a folder"),
        ("gan", "digits", ["--data-root", "/nonexistent", "--size", "0"], "size"),
        ("gan", ".", ["--size", "100000"], "size is 100000; expected 1 to 1024"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    tmp_path: Path, variant: str, data: str, more: list[str], message: str
) -> None:
    out = tmp_path / "out"
    done = run(words_of(out, *more, variant=variant, data=data))
    assert done.code == 1
    assert message in done.said
    assert "Traceback" not in done.said
    assert not out.exists()


def test_a_file_in_the_place_of_the_run_folder_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "seven.png"
    file.write_bytes(b"mine")
    done = run(words_of(file))
    assert (done.code, file.read_bytes()) == (1, b"mine")
    assert f"--out {file} is a file; expected a folder" in done.said


def test_a_folder_is_the_same_by_each_of_its_paths(tmp_path: Path) -> None:
    """It names the model, and a run of it is gone on with; which has nothing left to do here."""
    pictures = tmp_path / "pictures"
    (pictures / "sub").mkdir(parents=True)
    for number in range(4):
        Image.new("L", (8, 8), number).save(pictures / f"{number}.png")
    words = (tmp_path / "out", "--batch", "2", "--size", "16")
    done = run(words_of(*words, data=f"{pictures}/sub/.."))
    assert "gan-pictures: 4 images" in done.said
    again = run(words_of(*words, "--resume", data=str(pictures)))
    assert (again.code, "already at step 2" in again.said) == (0, True), again.said


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run(words_of(tmp_path / "out", data=str(empty)))
    assert done.code == 1
    assert "Traceback" not in done.said
    assert str(empty) in done.said


def test_another_run_in_the_folder_is_never_touched(tmp_path: Path) -> None:
    assert run(words_of(tmp_path)).code == 0
    before = (tmp_path / "gan-digits.safetensors").read_bytes()
    again = run(words_of(tmp_path))
    assert again.code == 1
    assert "already holds a run: give --resume, or another --out" in again.said
    other = run(words_of(tmp_path, "--seed", "1", "--resume"))
    assert other.code == 1
    assert "was started with seed=0, now 1" in other.said
    assert (tmp_path / "gan-digits.safetensors").read_bytes() == before


def test_two_processes_are_never_at_one_run(tmp_path: Path) -> None:
    """Nor is a file touched of a run that another process holds."""
    assert run(words_of(tmp_path)).code == 0
    with (tmp_path / "metrics.jsonl").open("a") as journal:  # the holder is beyond its snapshot
        journal.write('{"step": 50, "seconds": 1.0}\n')
    before = content(tmp_path)
    with FileLock(tmp_path / "run.lock"):
        second = run(words_of(tmp_path, "--resume", "--save-every", "7"))
        assert content(tmp_path) == before
    assert second.code == 1
    assert f"another process is at the run in {tmp_path}: wait for it" in second.said
    assert run(words_of(tmp_path, "--resume")).code == 0


def content(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Read all that is in a folder, and when it was written; but for the lock."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "run.lock"]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def small(**more: Any) -> Config:
    widths = {"generator_width": 8, "discriminator_width": 8}
    return Config(variant="gan", data="digits", batch=16, hyper=widths, device="cpu", **more)


def test_a_folder_is_held_from_preparation_to_the_end_of_the_run(tmp_path: Path) -> None:
    """What was read of it would be stale if another process could come in between."""
    first = prepare(small(steps=1), tmp_path, "mine", resume=False)
    with pytest.raises(ConfigError, match="another process is at the run"):
        prepare(small(steps=1), tmp_path, "mine", resume=True)
    execute(first, lambda done, terms: None)
    assert prepare(small(steps=2), tmp_path, "mine", resume=True).state.step == 1


def test_a_preparation_that_fails_lets_go_of_the_folder(tmp_path: Path) -> None:
    execute(prepare(small(steps=1), tmp_path, "mine", resume=False), lambda done, terms: None)
    file = tmp_path / "run.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    with pytest.raises(CheckpointError):
        prepare(small(steps=1), tmp_path, "mine", resume=True)
    with FileLock(tmp_path / "run.lock", timeout=0):
        pass


def test_weights_that_no_file_can_hold_are_said_to_diverge(tmp_path: Path) -> None:
    """Finite in float32, so that no term tells."""
    done = run(command("dcgan", tmp_path, "--steps", "100", "--set", "learning_rate=1e8"))
    assert done.code == 1
    assert "Traceback" not in done.said
    assert "try a smaller learning_rate" in done.said


def test_a_snapshot_that_is_torn_is_refused_by_name(tmp_path: Path) -> None:
    assert run(words_of(tmp_path)).code == 0
    file = tmp_path / "run.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    done = run(words_of(tmp_path, "--resume"))
    assert done.code == 1
    assert str(file) in done.said


@pytest.mark.parametrize("name", ["config.json", "metrics.jsonl"])
def test_a_damaged_record_of_a_run_is_refused_by_name(name: str, tmp_path: Path) -> None:
    assert run(words_of(tmp_path)).code == 0
    (tmp_path / name).write_text("{}\n")
    before = content(tmp_path)
    done = run(words_of(tmp_path, "--resume"))
    assert (done.code, content(tmp_path)) == (1, before)
    assert "Traceback" not in done.said
    assert f"ganforge: {tmp_path / name}" in done.said


DIVERGED = re.compile(
    r"(\S+/\S+) is not finite at step (\d+); ([^;]+); try a smaller learning_rate"
)


def test_a_run_that_diverges_names_the_term_and_the_step(tmp_path: Path) -> None:
    """Found at the first look, at step 50, but dated to the step at which it happened."""
    done = run(command("gan", tmp_path, "--steps", "200", "--set", "learning_rate=1e30"))
    assert done.code == 1
    assert "Traceback" not in done.said
    found = DIVERGED.search(done.said)
    assert found
    term, step, left = found.groups()
    assert term in {"discriminator/real", "discriminator/fake", "generator/fool"}
    assert int(step) < 10
    assert left == "nothing had been saved"
    assert not list(tmp_path.glob("*.safetensors"))


OVERFLOWN = re.compile(
    r"the moments of the discriminator's optimiser are not finite after step (\d+); ([^;]+); try"
)


def test_a_run_that_diverges_keeps_its_last_good_state_and_can_be_finished_from_it(
    tmp_path: Path,
) -> None:
    """The weight of R3GAN's penalty goes to 1e25: the squares of its gradients overflow first."""
    words = command("r3gan", tmp_path, "--save-every", "2", "--set", "last_gamma=1e25")
    done = run([*words, "--steps", "200"])
    assert done.code == 1
    found = OVERFLOWN.search(done.said)
    assert found
    step, left = int(found[1]), found[2]
    file = tmp_path / "run.safetensors"
    assert left == f"the last good state is in {file}, which --resume with --steps finishes"
    saved = snapshot.read(file)[1]["step"]
    assert 0 < saved < step <= saved + 2
    assert all(tensor.isfinite().all() for tensor in load_file(file).values())
    assert not list(tmp_path.glob("r3gan-*.safetensors"))
    again = run([*words, "--resume", "--steps", "200"])
    assert found[0] in again.said, "it goes on as it went"
    finished = run([*words, "--resume", "--steps", str(saved)])
    assert finished.code == 0, finished.said
    assert checkpoint.load(tmp_path / "r3gan-digits.safetensors").card.training.steps == saved


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_is_an_error_and_leaves_no_half_file(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system lets no file system be mounted")
    try:
        done = run(words_of(disk / "run"))
        assert done.code == 1
        assert "No space left on device: " in done.said
        assert str(disk / "run") in done.said
        left = [path.name for path in (disk / "run").rglob("*") if path.is_file()]
        assert not [name for name in left if name.endswith(".safetensors")]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_run_is_trained_on_the_train_split_alone(tmp_path: Path) -> None:
    """Trap (HW): the test images are trained on too."""
    trained = prepare(small(), tmp_path, "mine", resume=False).data
    train, test = (load("digits", split=split) for split in ("train", "test"))
    assert trained.digest == train.digest
    seen = {image.numpy().tobytes() for image in trained.images}
    assert not seen & {image.numpy().tobytes() for image in test.images}


def test_a_number_that_cannot_be_makes_no_folder_to_publish_in(tmp_path: Path) -> None:
    """Nor is the name of the run taken then."""
    words = ["--publish", str(tmp_path / "served"), "--epochs", "inf"]
    assert run(command("gan", tmp_path / "out", *words)).code == 1
    assert list(tmp_path.iterdir()) == []
