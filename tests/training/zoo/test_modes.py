"""`ganforge modes`: what is run, what is kept, and what is not run again."""

import json
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from models.errors import UserError
from tests.training.zoo.test_jobs import children, running, wait_for
from training import variants
from training.evaluate.points import MIXTURES
from training.zoo import contest
from training.zoo.contest import Match, Result, Rules, build, compete
from training.zoo.modes import modes
from training.zoo.results import Results, matches, open_, read

RULES = Rules(steps=3, batch=8)
MATCH = Match(variant="gan", mixture="ring-8", seed=0)


@pytest.mark.parametrize("name", variants.names())
def test_all_variants_have_the_same_rules(name: str) -> None:
    variant = build(name, 8, RULES)
    own = variants.find(name).Hyper().model_dump()
    given = variant.hyper.model_dump()
    same = RULES.given("another")
    assert {field: given[field] for field in same} == same
    assert {field for field in own if own[field] != given[field]} <= same.keys()


def test_a_setting_is_of_one_variant_or_of_all() -> None:
    settings = {"": {"latent": 3}, "dragan": {"lambda_": 0.5}}
    rules = RULES.model_copy(update={"settings": settings})
    dragan, gan = (build(name, 8, rules).hyper for name in ("dragan", "gan"))
    assert (dragan.latent, dragan.lambda_, gan.latent) == (3, 0.5, 3)


def test_a_setting_that_a_variant_has_not_is_found_before_any_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="gan cannot take lambda_"):
        modes(variant=["dragan", "gan"], set_=["lambda_=1"], out=tmp_path / "modes.json")
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_the_same_each_time() -> None:
    one, other = (compete(MATCH, RULES) for _ in range(2))
    assert one.model_copy(update={"seconds": 0}) == other.model_copy(update={"seconds": 0})
    assert one.match == MATCH
    assert len(one.points) == contest.SCATTERED
    another = compete(MATCH.model_copy(update={"seed": 1}), RULES)
    assert another.points != one.points


def test_a_run_that_diverges_is_a_result_with_its_reason() -> None:
    rules = RULES.model_copy(update={"hyper": {**RULES.hyper, "learning_rate": 1e30}})
    result = compete(MATCH, rules)
    assert result.failure is not None
    assert "not finite" in result.failure
    assert (result.found, result.points) == (0, ())


def test_results_say_what_is_left(tmp_path: Path) -> None:
    plan = matches(["gan", "dcgan"], ["ring-8"], 2)
    assert [(match.variant, match.seed) for match in plan] == [
        ("gan", 0), ("dcgan", 0), ("gan", 1), ("dcgan", 1),
    ]  # fmt: skip
    done = Results(rules=RULES).and_also(Result(**plan[2].model_dump(), seconds=1.0))
    done.save(tmp_path / "modes.json")
    kept = open_(tmp_path / "modes.json", RULES)
    assert kept == done
    assert [match for match in plan if kept.lacks(match)] == [plan[0], plan[1], plan[3]]


def test_results_of_other_rules_are_left_alone(tmp_path: Path) -> None:
    Results(rules=RULES).save(tmp_path / "modes.json")
    with pytest.raises(UserError, match=r"now .*steps=4.*: give the same, or another --out"):
        open_(tmp_path / "modes.json", Rules(steps=4, batch=8))


def test_another_file_is_no_results(tmp_path: Path) -> None:
    (tmp_path / "modes.json").write_text("{}")
    with pytest.raises(UserError, match="holds no results of `ganforge modes`"):
        read(tmp_path / "modes.json")


def test_the_command_adds_what_is_missing_and_draws_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "modes.json"
    first = open_(out, RULES).and_also(compete(MATCH, RULES))
    first.save(out)
    modes(variant=["gan"], seeds=1, steps=3, batch=8, jobs=1, out=out)
    said = capsys.readouterr().out
    assert "gan on grid-25, seed 0: " in said
    assert "gan on ring-8" not in said
    kept = json.loads(out.read_text())["results"]
    assert [(r["variant"], r["mixture"]) for r in kept] == [("gan", "grid-25"), ("gan", "ring-8")]
    for mixture in MIXTURES:
        with Image.open(tmp_path / f"modes-{mixture}.png") as picture:
            assert picture.width > 500


def test_an_unknown_variant_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="variant 'gam' is unknown"):
        modes(variant=["gam"], out=tmp_path / "modes.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_contest_that_is_ended_ends_at_once(number: signal.Signals, tmp_path: Path) -> None:
    """With what it was busy with: a run that went on would take a core for minutes."""
    words = ["modes", "--variant", "gan", "--steps", "100000000", "--out", str(tmp_path / "m.json")]
    ganforge = [sys.executable, "-m", "ganforge", *words]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's `&` has it ignored
    with subprocess.Popen(ganforge, stderr=subprocess.DEVNULL, preexec_fn=heard) as parent:
        wait_for(lambda: children(parent.pid) and busy(children(parent.pid)[0]))
        workers = children(parent.pid)
        parent.send_signal(number)
        assert parent.wait(20) != 0
    wait_for(lambda: not any(map(running, workers)))


def busy(process: int) -> bool:
    """Say whether it is its parent's watch as well as the work: it has two threads or more."""
    return len(list(Path(f"/proc/{process}/task").iterdir())) > 1
