"""The config that is kept beside a run: whole, and refused by name where it is not."""

import re
from pathlib import Path

import pytest

from training.config import FILE, LONGEST, Config, ConfigError, configure

CONFIG = Config(variant="gan", data="digits", batch=16)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    CONFIG.save(tmp_path / "new")
    assert Config.read(tmp_path / "new") == CONFIG


DAMAGED = {
    b"": "EOF while parsing",
    b'{"variant": "gan", "da': "EOF while parsing",
    b"\xff\xfe\x00": "expected value",
    b"[]": "object",
    b'{"variant": "gan", "data": "digits", "batch": 16, "epochs": null}': "epochs: Input should be",
}


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_config_is_named_with_what_to_do(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError) as error:
        CONFIG.check_resumes(tmp_path)
    said = str(error.value)
    assert said.startswith(f"{tmp_path / FILE} is damaged: ")
    assert DAMAGED[content] in said
    assert said.endswith("mend the file, or give another --out")
    assert (tmp_path / FILE).read_bytes() == content


def test_a_config_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CONFIG.save(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        CONFIG.model_copy(update={"batch": 32}).save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert Config.read(tmp_path) == CONFIG


def test_the_longest_run_there_can_be_is_kept(tmp_path: Path) -> None:
    longest = configure(variant="gan", data="digits", batch=2**53 - 1, epochs=LONGEST)
    longest.save(tmp_path)
    assert Config.read(tmp_path) == longest


@pytest.mark.parametrize("name", ["epochs", "ema"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e308, -1.0])
def test_what_is_no_number_to_count_with_is_refused_by_its_option(name: str, value: float) -> None:
    found = re.escape(f"(found {value!r})")
    with pytest.raises(ConfigError, match=rf"^--{name}: Input should be .* {found}$"):
        configure(variant="gan", data="digits", batch=16, **{name: value})


def test_an_option_is_named_as_it_is_typed() -> None:
    with pytest.raises(ConfigError, match=r"^--save-every: "):
        configure(variant="gan", data="digits", batch=16, save_every=0)
