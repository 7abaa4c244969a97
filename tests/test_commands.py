"""The `ganforge` command, also where the packages that only training needs are not installed."""

import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

import ganforge
from service import client

SERVING_ALONE = "import sys; sys.modules['tqdm'] = None; import ganforge; ganforge.main()"


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", SERVING_ALONE, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_help_lists_every_command_and_says_what_some_need() -> None:
    done = run("--help")
    assert done.returncode == 0, done.stderr
    for name in ("serve", "generate", "train", "zoo"):
        assert name in done.stdout
    listed = " ".join(done.stdout.replace("│", " ").split())
    assert "(needs tqdm: pip install -c constraints.txt -e '.[train]' in a clone)" in listed


def test_a_command_that_lacks_a_package_says_how_to_get_it() -> None:
    done = run("train", "acgan", "--data", "mnist")
    assert done.returncode == 1
    assert done.stderr == (
        "ganforge: `ganforge train` needs tqdm: pip install -c constraints.txt -e '.[train]' "
        "in a clone\n"
    )


def test_other_commands_work() -> None:
    assert "digest" in run("key").stdout


@pytest.mark.parametrize("command", list(ganforge.COMMANDS))
def test_no_command_lists_what_is_the_whole_programs(command: str) -> None:
    done = CliRunner().invoke(ganforge.app, [command, "--help"])
    assert done.exit_code == 0
    assert "completion" not in done.output


def test_the_version() -> None:
    done = CliRunner().invoke(ganforge.app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"ganforge {version('ganforge')}\n")
    assert ganforge.__version__ == version("ganforge")


def test_what_is_listed_is_what_programs_may_use() -> None:
    assert dir(ganforge) == sorted([*client.__all__, "__version__"])
    given: dict[str, object] = {}
    exec("from ganforge import *", given)
    assert given["Client"] is client.Client
    assert "typer" not in given
