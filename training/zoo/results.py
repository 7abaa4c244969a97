"""Results: the runs of a contest in one JSON file, so that it can stop and go on."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from models.checkpoint import write
from models.errors import UserError
from training.zoo.contest import Frozen, Match, Result, Rules


class Results(Frozen):
    """The rules, and what each run under them came to."""

    rules: Rules
    results: tuple[Result, ...] = ()

    def lacks(self, match: Match) -> bool:
        """Say whether a run is still to be made."""
        return match not in {result.match for result in self.results}

    def and_also(self, result: Result) -> "Results":
        """Return these results with one more, in order."""
        more = sorted((*self.results, result), key=lambda r: (r.mixture, r.variant, r.seed))
        return Results(rules=self.rules, results=tuple(more))

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write(path, (self.model_dump_json(indent=1) + "\n").encode())


def read(path: Path) -> Results | None:
    """Read a file of results; None where there is none. Raises UserError."""
    if not path.exists():
        return None
    try:
        return Results.model_validate_json(path.read_text())
    except ValidationError as error:
        raise UserError(f"{path} holds no results of `ganforge modes`: {error}") from error


def open_(path: Path, rules: Rules) -> Results:
    """Take up the results under these rules. Raises UserError where there are others."""
    found = read(path) or Results(rules=rules)
    if found.rules != rules:
        raise UserError(
            f"{path} holds results of {found.rules}, now {rules}: give the same, or another --out"
        )
    return found


def matches(names: Sequence[str], mixtures: Sequence[str], seeds: int) -> list[Match]:
    """List the runs of a contest, the first seed of each before the second of any."""
    return [
        Match(variant=name, mixture=mixture, seed=seed)
        for seed in range(seeds)
        for mixture in mixtures
        for name in names
    ]
