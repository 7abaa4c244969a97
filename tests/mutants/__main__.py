"""Mutants: is there a fault in the losses that the tests would not see?

    python -m tests.mutants [FILE ...]

Each mutant is one of SOURCES with one fault: a sign flipped, a `detach` lost or gained, a term or
a weight dropped, a mean made a sum, another axis, another number, real and fake confused. Its
tests run in a forked child, which finds the mutant instead of the file; nothing is written, and
torch is imported once. A mutant on which no test fails is printed; the last line is `N mutants,
K survivors`. EQUIVALENT lists those that change nothing, each with its reason.

mutmut 3.8 forks too, but leaves decorated functions and class bodies (k's update, clipping, the
average, every default) as they are, and knows no fault of these kinds; cosmic-ray starts a
process of 3 s a mutant.
"""

import ast
import gc
import os
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.faults import faults

SOURCES = (
    *sorted(Path("training/variants").glob("*.py")),
    *(Path(f"training/{name}.py") for name in ("losses", "penalties", "loop", "average")),
)
SECONDS = 60  # of processor time, after which a mutant that loops for ever is dead
PLUGINS = [
    word for name in ("cacheprovider", "hypothesispytest", "anyio") for word in ("-p", f"no:{name}")
]


@dataclass(frozen=True)
class Mutant:
    """A file's tree with one fault in it."""

    path: Path
    place: str
    fault: str
    line: str
    tree: Any

    def __str__(self) -> str:
        return f"{self.path}:{self.place}: {self.fault}: {self.line}"


def code(tree: ast.AST) -> list[Any]:
    """List the nodes that are run: all but annotations."""
    hints = {id(hint) for node in ast.walk(tree) for hint in annotations(node)}
    return [node for node in ast.walk(tree) if id(node) not in hints]


def annotations(node: Any) -> Iterable[ast.AST]:
    for hint in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        yield from ast.walk(hint) if hint else ()


class Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(path: Path) -> Iterator[Mutant]:
    """Make every mutant of a file."""
    source = path.read_text()
    functions = {
        number: node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        for number in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    for index, node in enumerate(code(ast.parse(source))):
        for turn, (fault, _) in enumerate(faults(node)):
            tree = ast.parse(source)
            old = code(tree)[index]
            tree = Swap(old, list(faults(old))[turn][1]).visit(tree)
            place = f"{node.lineno}: {functions.get(node.lineno, 'module')}"
            line = source.splitlines()[node.lineno - 1].strip()
            yield Mutant(path, place, fault, line, ast.fix_missing_locations(tree))


class Instead(MetaPathFinder, Loader):
    """Finds a mutant where its file would be imported."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.module = ".".join(mutant.path.with_suffix("").parts).removesuffix(".__init__")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self.module:
            return None
        spec = spec_from_loader(name, self, origin=str(self.mutant.path))
        if spec and self.mutant.path.name == "__init__.py":
            spec.submodule_search_locations = [str(self.mutant.path.parent)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.tree, str(self.mutant.path), "exec"), vars(module))


def questions(path: Path) -> list[list[str]]:
    """Say which tests look at a file: its own, then what holds for every variant."""
    common = "tests/training/test_variants.py"
    match path.parent.name, path.stem:
        case "variants", "__init__":
            return [[common]]
        case "variants", name:
            own = f"tests/training/variants/test_{name}.py"
            return [[own], [common, "-k", f"[{name}] or -{name}]"]]
        case _, "losses":
            return [["tests/training/test_shared_losses.py"]]
    return [[f"tests/training/test_{path.stem}.py"], [common, "-k", "[gan] or -gan]"]]


def survives(path: Path, mutant: Mutant | None) -> bool:
    """Ask the tests in a child. Raises RuntimeError where they could not even start."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        for output in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), output)
        if mutant:
            sys.meta_path.insert(0, Instead(mutant))
        answers = (pytest.main(["-x", "-q", *PLUGINS, *words]) for words in questions(path))
        os._exit(next((answer for answer in answers if answer), 0))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in {pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise RuntimeError(f"the tests of {path} were not found: {questions(path)}")
    return code == 0


def prepare() -> None:
    """Import once what no mutant changes, and spare each child the search for garbage in it."""
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1)]).zero_grad()  # imports what an optimiser needs
    for name in ("scipy.stats", "torch.overrides", "training.hardware", "training.variant"):
        import_module(name)
    gc.freeze()


def main(paths: Iterable[Path]) -> int:
    """Try every mutant of these files, and count those that live."""
    prepare()
    tried = alive = 0
    for path in paths:
        if not survives(path, None):
            raise RuntimeError(f"the tests of {path} fail before it is changed")
        for mutant in mutants(path):
            if any(re.fullmatch(pattern, str(mutant)) for pattern in EQUIVALENT):
                continue
            tried += 1
            if survives(path, mutant):
                alive += 1
                print(mutant, flush=True)  # noqa: T201
    print(f"{tried} mutants, {alive} survivors")  # noqa: T201
    return min(alive, 1)


if __name__ == "__main__":
    sys.exit(main([Path(word) for word in sys.argv[1:]] or SOURCES))
