"""Arguments to differentiate by: chosen by number, with the parameters of modules among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from autograd.engine.operands import raw
from autograd.errors import (
    ArgumentTypeError,
    IndexRangeError,
    IntegerGradError,
    UnknownNameError,
)
from autograd.graph.pytree import flat

__all__ = ["chosen", "holding", "is_module", "numbers_of"]


def is_module(value: Any) -> bool:
    """Whether a value is a module: what has parameters with names."""
    return hasattr(type(value), "named_parameters")


def numbers_of(value: Any) -> Any:
    """What is differentiated by for an argument: a module's parameters by their names."""
    if not is_module(value):
        return value
    return {name: p for name, p in value.named_parameters() if p.requires_grad}


@contextmanager
def holding(module: Any, values: Mapping[str, Any]) -> Iterator[None]:
    """A module with other Tensors for its parameters and buffers, by their names, for a while."""
    before: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for path, value in values.items():
            *folders, name = path.split(".")
            owner = module
            for folder in folders:
                owner = getattr(owner, "_modules", {}).get(folder)
            held = _registry(owner, name)
            if held is None:
                raise UnknownNameError(
                    f"{type(module).__name__} has no parameter or buffer {path!r}"
                )
            for place in (held, vars(owner)):  # where a module lists it, and where it reads it
                before.append((place, name, place.get(name)))
                place[name] = value
        yield
    finally:
        for place, name, value in reversed(before):
            place[name] = value


def _registry(owner: Any, name: str) -> Any:
    held = (getattr(owner, "_parameters", {}), getattr(owner, "_buffers", {}))
    return next((kept for kept in held if name in kept), None)


def chosen(
    what: str,
    f: Callable[..., Any],
    argnums: int | Sequence[int],
    args: tuple[Any, ...],
    kwargs: Any,
) -> tuple[Callable[[Any], Any], Any]:
    """f as a function of the chosen arguments alone (a tuple, where several are), and these."""
    several = isinstance(argnums, (tuple, list))
    places: list[Any] = [*argnums] if isinstance(argnums, (tuple, list)) else [argnums]
    for k in places:
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
            raise ArgumentTypeError(
                f"{what}: argnums is a whole number or a tuple of some, not {k!r:.40}"
            )
        if not -len(args) <= k < len(args):
            raise IndexRangeError(
                f"{what}: argument {k}, and the function was called with {len(args)} positional "
                "arguments: give that one by position"
            )
        check_numbers(what, args[k], int(k))

    def of_chosen(x: Any) -> Any:
        given = list(args)
        with ExitStack() as stack:
            for k, value in zip(places, x if several else (x,), strict=True):
                if is_module(args[k]):
                    stack.enter_context(holding(args[k], value))
                else:
                    given[k] = value
            return f(*given, **kwargs)

    parts = tuple(numbers_of(args[k]) for k in places)
    return of_chosen, parts if several else parts[0]


def check_numbers(what: str, value: Any, place: int) -> None:
    """That each leaf of an argument is a floating or complex number."""
    if is_module(value):
        return
    for leaf in flat(value):
        if leaf is None:
            continue
        number = raw(leaf)
        kind = np.asarray(number).dtype if _is_plain(number) else None
        if kind is None or (kind.kind not in "biufc"):
            raise ArgumentTypeError(
                f"{what}: argument {place} holds a {type(leaf).__name__}: one differentiates by "
                "floats, arrays and Tensors; choose arguments by argnums, close over the rest"
            )
        if kind.kind in "biu":
            raise IntegerGradError(
                f"{what}: argument {place} holds {kind}, which has no derivative: write it as "
                "floats (x.astype(float)), or choose arguments by argnums"
            )


def _is_plain(leaf: Any) -> bool:
    return isinstance(leaf, (bool, int, float, complex, np.generic, np.ndarray))
