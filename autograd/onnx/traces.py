"""The traces of a call: as it is given, and with another length for each axis that may have any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.errors import ArgumentError, AutogradError, ExportError
from autograd.graph.pytree import nested
from autograd.onnx.counts import needed, revalued
from autograd.onnx.values import TOGETHER
from autograd.program.program import Program, trace

__all__ = ["Traces", "traces_of"]

_NEAR = ((5, 3, 2, 7), (3, 2, 4, 1))  # steps of the traces in which all lengths are others


class Traces(NamedTuple):
    """Programs of one call, whose nodes are the same but for lengths."""

    programs: list[Program]  # the first, one with another length for each symbol, and one of all
    nodes: list[tuple[Node, ...]]  # those that results depend on, of all traces
    lengths: list[tuple[int, ...]]
    symbols: list[str]
    axes: list[dict[int, str]]  # of each input, which have a symbol
    places: list[tuple[int, int]]  # where each symbol's length is read: input, axis


def traces_of(function: Callable[..., Any], examples: Sequence[Any], dynamic: Any,
              names: Sequence[str] | None) -> Traces:  # fmt: skip
    """Trace a call once, and once more for each symbol of `dynamic`."""
    first = trace(function, *examples)
    if examples and not first.inputs:
        raise ArgumentError(
            "export: none of the examples is an array or a Tensor, so the model would have no "
            "input; numbers are part of the call: write numpy.asarray(...) around what is an input"
        )
    called = list(names or ())[: len(first.inputs)]
    axes = _axes(first, dynamic, called)
    symbols = list(dict.fromkeys(s for own in axes for s in own.values()))
    places = [next((i, a) for i, own in enumerate(axes) for a, s in own.items() if s == symbol)
              for symbol in symbols]  # fmt: skip
    base = tuple(first.inputs[i].shape[a] for i, a in places)
    _check(first, axes, dict(zip(symbols, base, strict=True)))
    programs, lengths = [first], [base]
    for k, symbol in enumerate(symbols):
        program, new = _other(function, examples, axes, symbol, base[k], first)
        programs.append(program)
        lengths.append((*base[:k], new, *base[k + 1 :]))
    for further in _beyond(function, examples, axes, symbols, lengths, places):
        programs.append(further[0])
        lengths.append(further[1])
    for other in revalued(function, examples, first):
        programs.append(other)
        lengths.append(base)
    kept = [needed(program) for program in programs]
    _compare(kept, symbols)
    return Traces(programs, list(zip(*kept, strict=True)), lengths, symbols, axes, places)


def _axes(program: Program, dynamic: Any, called: Sequence[str]) -> list[dict[int, str]]:
    """Of each input the axes that may have any length, by what they are called."""
    found: list[dict[int, str]] = [{} for _ in program.inputs]
    known = {node.name or "": i for i, node in enumerate(program.inputs)}
    known |= {name: i for i, name in enumerate(called)}
    for key, own in dict(dynamic or {}).items():
        which = known.get(key, key if isinstance(key, int) else None)
        if which is None or not 0 <= which < len(found):
            raise ArgumentError(
                f"export: dynamic_axes names {key!r}, which is no input; they are "
                f"{', '.join(map(repr, known))}"
            )
        name, rank = key, len(program.inputs[which].shape)
        named = own.items() if isinstance(own, Mapping) else ((a, f"{name}_{a}") for a in own)
        for axis, symbol in named:
            if not isinstance(axis, (int, np.integer)):
                raise ArgumentError(
                    f"export: dynamic_axes: {key!r} has {axis!r} for the number of an axis; the "
                    f"number stands first, {{{key!r}: {{0: {str(axis)!r}}}}}"
                )
            if not -rank <= axis < rank:
                raise ArgumentError(f"export: dynamic_axes: {key!r} has no axis {axis}, but {rank}")
            found[which][int(axis) % rank] = str(symbol)
    return found


def _check(program: Program, axes: list[dict[int, str]], lengths: dict[str, int]) -> None:
    for node, own in zip(program.inputs, axes, strict=True):
        for axis, symbol in own.items():
            if node.shape[axis] != lengths[symbol]:
                raise ArgumentError(
                    f"export: {symbol!r} is {lengths[symbol]} and {node.shape[axis]} in the "
                    "examples; axes of one name have one length"
                )


def _other(function: Any, examples: Any, axes: Any, symbol: str, n: int,
           first: Program) -> tuple[Program, int]:  # fmt: skip
    """The call with another length for a symbol: a near one, or one that layers can take."""
    failed: Exception | None = None
    for new in dict.fromkeys((n + 1, n - 1, 2 * n, n + 2, n // 2, n + 4, n + 8)):
        if new < 1 or new == n:
            continue
        try:
            changed = _resized(examples, axes, symbol, new)
            found = trace(function, *changed)
            if len(needed(found)) != len(needed(first)):
                break
            return found, new
        except AutogradError as error:
            failed = failed or error
    has_others = any(name != symbol for own in axes for name in own.values())
    raise ExportError(
        f"export: {symbol!r} cannot have another length than {n}"
        + (f": {failed}" if failed else ": Python makes other operations of the call then")
        + (f"\n  If another goes with it, {TOGETHER}" if has_others else "")
    ) from failed


def _beyond(
    function: Any,
    examples: Any,
    axes: Any,
    symbols: Sequence[str],
    lengths: Sequence[tuple[int, ...]],
    places: Sequence[Any],
) -> Iterator[Any]:
    """The call again, with all lengths others at once: what follows from them holds there too.

    Far away, and odd however often they are halved, down or up: what windows with strides make of
    a length is the same for several lengths, and may be what other windows make of it. Near where
    layers do not take that.
    """
    first, moves = lengths[0], [lengths[k + 1][k] - n for k, n in enumerate(lengths[0])]
    every = list(zip(first, moves, places, strict=True))
    for turn in range(2) if symbols else ():
        for steps in (0, *_NEAR[turn]):
            new = tuple(
                _halved_odd(n, abs(move), turn, number)
                if axis and not steps
                else n + (steps or _NEAR[turn][0]) * move
                for number, (n, move, (_, axis)) in enumerate(every)
            )
            found = _traced_at(function, examples, axes, symbols, new)
            if found is not None:
                yield found, new
                break


def _halved_odd(n: int, unit: int, turn: int, number: int) -> int:
    """A length beyond n of m·2ᵏ ∓ 1 units; of no two axes is m the same."""
    power = 1 << (n // unit).bit_length() >> (number > 0)
    return unit * ((2 * number + 1) * power + 2 * turn - 1)


def _traced_at(function: Any, examples: Any, axes: Any, symbols: Any, new: Any) -> Program | None:
    if min(new) < 1:
        return None
    for symbol, n in zip(symbols, new, strict=True):
        examples = _resized(examples, axes, symbol, n)
    try:
        return trace(function, *examples)
    except AutogradError:
        return None


def _resized(examples: Any, axes: list[dict[int, str]], symbol: str, n: int) -> Any:
    inputs = iter(axes)

    def resize(x: Any) -> Any:
        if type(x) not in tensor_types and not isinstance(x, (np.ndarray, np.generic)):
            return x
        own = next(inputs)
        array = np.asarray(x.detach().numpy() if type(x) in tensor_types else x)
        for axis, name in own.items():
            if name == symbol:
                array = np.take(array, np.arange(n), axis=axis, mode="wrap")
        return type(x)(array) if type(x) in tensor_types else array

    return nested(resize, list(examples))


def _compare(kept: list[list[Node]], symbols: list[str]) -> None:
    names = [*map(repr, symbols)]
    names += [" and ".join(names)] * (len(kept) - 1 - len(names))
    for name, own in zip(names, kept[1:], strict=True):
        for here, there in zip_longest(kept[0], own):
            if here is None or there is None or here.op is not there.op:
                place = next((n.where for n in (here, there) if n is not None and n.where), "")
                shown = [n.op.name if n is not None else "nothing" for n in (there, here)]
                raise ExportError(
                    f"export: at another length of {name} the call does other things: "
                    f"{shown[0]} in the place of {shown[1]} at {place}"
                )
