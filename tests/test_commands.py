"""The `ganforge` command where the packages that only training needs are not installed."""

import subprocess
import sys

SERVING_ALONE = "import sys; sys.modules['tqdm'] = None; import ganforge; ganforge.main()"


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", SERVING_ALONE, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_help_lists_every_command_and_says_what_some_need() -> None:
    done = run("--help")
    assert done.returncode == 0, done.stderr
    for name in ("serve", "generate", "train", "zoo"):
        assert name in done.stdout
    assert "needs tqdm" in done.stdout


def test_a_command_that_lacks_a_package_says_how_to_get_it() -> None:
    done = run("train", "acgan", "--data", "mnist")
    assert done.returncode == 1
    assert done.stderr == (
        "ganforge: `ganforge train` needs tqdm: pip install -c constraints.txt -e '.[train]' "
        "in a clone\n"
    )


def test_other_commands_work() -> None:
    assert "digest" in run("key").stdout
