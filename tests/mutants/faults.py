"""Faults: what could be wrong at one place of a file, as another tree for it."""

import ast
import copy
from collections.abc import Iterator
from typing import Any

SWAPPED: dict[Any, Any] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
RENAMED = {
    "real": "fake", "fake": "real.images", "on_real": "on_fake", "on_fake": "on_real",
    "min": "max", "max": "min", "minimum": "maximum", "mean": "sum", "sum": "mean", "R1": "R2",
    "call_real": "call_fake", "call_fake": "call_real", "first": "last", "last": "first",
}  # fmt: skip
DROPPED = {
    "abs", "clamp", "clamp_", "clone", "deepcopy", "detach", "eval", "exp", "float", "log_softmax",
    "relu", "requires_grad_", "square", "std",
}  # fmt: skip
LEARNT = {
    "call_fake", "call_real", "critic", "discriminator", "encoder", "energy", "error", "generate",
    "generator", "logits", "mean", "normalize", "norm", "realness", "square", "sum",
}  # fmt: skip

Faults = Iterator[tuple[str, Any]]
"""What is wrong, and the node that has it wrong."""


def faults(node: Any) -> Faults:
    for kind in (operators, omissions, names, values, calls):
        yield from kind(node)


def changed(node: Any, **fields: Any) -> Any:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def operators(node: Any) -> Faults:
    """Another operator or another comparison."""
    match node:
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op) if type(op) in SWAPPED:
            other = changed(node, op=SWAPPED[type(op)]())
            yield ast.unparse(other), other
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield "other comparison", changed(node, ops=[SWAPPED[type(op)]()])


def omissions(node: Any) -> Faults:
    """One side alone, no sign, no statement, no decorator, a dictionary's term less."""
    match node:
        case ast.BinOp(left=left, right=right):
            yield f"only {ast.unparse(left)}", left
            yield f"only {ast.unparse(right)}", right
        case ast.UnaryOp(operand=operand):
            yield "no sign", operand
        case ast.AugAssign() | ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Subscript()]):
            yield "no statement", ast.Pass()
        case ast.FunctionDef(decorator_list=[ast.Call()]):
            yield "no decorator", changed(node, decorator_list=[])
        case ast.Dict(keys=keys, values=values):
            for at, (key, value) in enumerate(zip(keys, values, strict=True)):
                rest = ast.Dict(keys[:at] + keys[at + 1 :], values[:at] + values[at + 1 :])
                yield f"without {ast.unparse(key or value)}", rest


def names(node: Any) -> Faults:
    """Another name."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in RENAMED:
            yield f"{name} is {RENAMED[name]}", ast.parse(RENAMED[name], mode="eval").body
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in RENAMED:
            yield f"{name} is {RENAMED[name]}", changed(node, attr=RENAMED[name])
        case ast.Attribute(value=ast.Name(id="real"), attr="images"):
            yield "real is fake", ast.Name("fake", ast.Load())


def values(node: Any) -> Faults:
    """Another number, the other branch."""
    match node:
        case ast.Constant(value=bool(value)):
            yield f"{value} is {not value}", ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            for other in others(value):
                yield f"{value} is {other}", ast.Constant(other)
        case ast.IfExp(body=body, orelse=other):
            yield "other branch", changed(node, body=other, orelse=body)
        case ast.If(test=test):
            yield "other branch", changed(node, test=ast.UnaryOp(ast.Not(), test))


def others(value: float) -> list[float]:
    """Other numbers: the neighbours of a small integer, which may be an axis; else one."""
    if isinstance(value, float):
        return [2 * value or 1.0]
    return [value + 1, value - 1] if value < 10 else [value + 1]


def calls(node: Any) -> Faults:
    """A function not called, its result detached, its arguments swapped, a named one left out."""
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in DROPPED and isinstance(node.func, ast.Attribute):
        module = ast.unparse(node.func.value) in {"F", "copy"}
        bare = node.args[0] if module else node.func.value
        yield f"no {name} of {ast.unparse(bare)}", bare
    if name in LEARNT:
        yield (
            f"{ast.unparse(node)} detached",
            ast.Call(ast.Attribute(node, "detach", ast.Load()), [], []),
        )
    if len(node.args) > 1:
        yield (
            f"arguments of {name} swapped",
            changed(node, args=[*node.args[1::-1], *node.args[2:]]),
        )
    for at, keyword in enumerate(node.keywords):
        if keyword.arg != "description":
            rest = node.keywords[:at] + node.keywords[at + 1 :]
            yield f"without {keyword.arg or '**'}", changed(node, keywords=rest)
