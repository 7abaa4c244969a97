"""Signatures: a method looks like the call that it was made of, to people and to editors."""

import inspect
from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Any, TypeVar

from service.client.asked import Asked

M = TypeVar("M", bound=Callable[..., Any])


def like(make: Callable[..., Any], method: M) -> M:
    """Give a method the name, the documentation and the arguments of its call."""
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    update_wrapper(method, make)
    method.__signature__ = inspect.Signature([own, *parameters(make)])  # type: ignore[attr-defined]
    return method


def parameters(make: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """List a call's parameters, those of `Asked` one by one."""
    for parameter in inspect.signature(make).parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            yield parameter
            continue
        for name, kind in Asked.__annotations__.items():
            yield inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind
            )
