"""Instructions that are simpler and give the same bits: identities, views of views, no repetition.

An identity stands here only if it is exact for every number: `x * 1` is x, but `x + 0` is not,
since it takes -0 to 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.instruction import Instruction, Lowered
from autograd.compiler.lower.evaluate import run_instruction
from autograd.engine.node import Node
from autograd.engine.row import COMPUTED
from autograd.program.instructions import EFFECT

__all__ = ["Simplified", "is_impure", "simplified"]

_SAME = frozenset(("positive", "conjugate", "copy"))  # what gives back what it is given
_PURE = frozenset(("elementwise", "reduce", "view", "product", "part"))


class Simplified(NamedTuple):
    """A program in fewer instructions."""

    lowered: Lowered
    became: dict[Instruction, Instruction]  # by those of the program that was given
    repeated: set[Instruction]  # what stood there more than once


def simplified(lowered: Lowered) -> Simplified:
    """The same program in fewer instructions; sources and effects stay."""
    new: dict[Instruction, Instruction] = {}
    known: dict[Any, Instruction] = {}
    order: dict[Instruction, None] = {}
    repeated: set[Instruction] = set()
    keeping = _read_with_axes(lowered.instructions)
    for instruction in lowered.instructions:
        found = _reread(instruction, new)
        if instruction in keeping:
            found = _with_axes(found)
        while (simpler := _simpler(found)) is not found:
            found = simpler
        key = _key(found)
        if key is not None and (first := known.setdefault(key, found)) is not found:
            repeated.add(first)
            found = first
        new[instruction] = found
        _enter(found, order)
    results = {node: new.get(x, x) for node, x in lowered.results.items()}
    live = _live(order, results)
    simple = Lowered(lowered.program, live, results, lowered.absent, lowered.numbers)
    return Simplified(simple, new, repeated)


def _enter(x: Instruction, order: dict[Instruction, None]) -> None:
    """Note an instruction after those that it reads, which simplifying may have made."""
    if x not in order:
        for i in x.inputs:
            if type(i) is Instruction:
                _enter(i, order)
        order[x] = None


def is_impure(instruction: Instruction) -> bool:
    """Whether a call does more than giving a value, so that its turn matters."""
    origin = instruction.origin
    if instruction.kind != "call" or origin is None:
        return False
    if origin.op is EFFECT:
        return True
    return origin.op is COMPUTED and bool(getattr(origin.params[0], "gives_numbers", False))


def _live(
    instructions: Iterable[Instruction], results: dict[Node, Instruction]
) -> list[Instruction]:
    """What results and effects depend on, in order; sources are all there."""
    every = list(instructions)
    todo = [x for x in results.values() if isinstance(x, Instruction)]
    todo += [x for x in every if x.kind == "source" or is_impure(x)]
    live = dict.fromkeys(todo)
    while todo:
        for x in todo.pop().inputs:
            if type(x) is Instruction and x not in live:
                live[x] = None
                todo.append(x)
    return [x for x in every if x in live]


def _reread(x: Instruction, new: dict[Instruction, Instruction]) -> Instruction:
    changed, inputs = False, []
    for i in x.inputs:
        found = new[i] if type(i) is Instruction else i
        if x.kind == "elementwise" and _is_number(found):
            found = np.asarray(found.params[0])[()]
        changed = changed or found is not i
        inputs.append(found)
    return _like(x, inputs=tuple(inputs)) if changed else x


def _is_number(x: Any) -> bool:
    return type(x) is Instruction and x.kind == "constant" and x.shape == () and x.dtype is not None


def _like(x: Instruction, **changes: Any) -> Instruction:
    fields = {name: getattr(x, name) for name in Instruction.__slots__} | changes
    return Instruction(**fields)


def _simpler(x: Instruction) -> Instruction:
    """One identity applied, or the instruction itself."""
    if x.kind == "elementwise":
        if not any(type(i) is Instruction for i in x.inputs):
            return _folded(x)
        found = _identity(x)
        return found if found is not None else _unrepeated(x)
    if x.kind == "view":
        return _simpler_view(x)
    return x


# ---- elementwise ---------------------------------------------------------------------------------


def _folded(x: Instruction) -> Instruction:
    """What an instruction gives for numbers alone, computed now."""
    if x.shape != () or x.dtype is None or x.function is not None:
        return x
    with np.errstate(all="ignore"):
        given = [np.asarray(i)[()] if isinstance(i, np.ndarray) else i for i in x.inputs]
        found = run_instruction(x, given)
    if np.shape(found) != () or getattr(found, "dtype", None) != x.dtype:
        return x
    return _like(x, kind="constant", name="constant", inputs=(), params=(found,))


def _identity(x: Instruction) -> Instruction | None:
    """The operand that an instruction gives back."""
    if x.dtype is not None and x.dtype.kind == "c":
        return None  # products of complex numbers have their own ways with infinity
    if x.name in _SAME and len(x.inputs) == 1:
        return _as_is(x, x.inputs[0])
    if x.name in ("multiply", "divide", "power", "subtract") and len(x.inputs) == 2:
        a, b = x.inputs
        if _is(b, 0.0) if x.name == "subtract" else _is(b, 1.0):
            return _as_is(x, a)
        return _as_is(x, b) if x.name == "multiply" and _is(a, 1.0) else None
    if x.name == "add" and len(x.inputs) == 2:
        for a, b in (x.inputs, x.inputs[::-1]):
            if _is(b, -0.0):
                return _as_is(x, a)
        return None
    inner = x.inputs[0] if x.inputs else None
    if not isinstance(inner, Instruction) or inner.kind != "elementwise":
        if x.name == "astype":
            return _as_is(x, inner)
        return None
    if x.name == "negative" and inner.name == "negative":
        return _as_is(x, inner.inputs[0])
    if x.name == "astype":
        if inner.name == "astype" and _widens(inner):
            return _like(x, inputs=inner.inputs)
        return _as_is(x, inner)
    return None


def _as_is(x: Instruction, operand: Any) -> Instruction | None:
    if type(operand) is Instruction and (operand.shape, operand.dtype) == (x.shape, x.dtype):
        return operand
    return None


def _is(x: Any, number: float) -> bool:
    """Whether an operand is this very number, with its sign."""
    if type(x) not in (int, float, np.float32, np.float64) or x != number:
        return False
    # the whole number 0 has no sign, and adding it is no identity
    return bool(number) or (np.signbit(x) == np.signbit(number))


def _widens(x: Instruction) -> bool:
    """Whether each number of the operand is one of the new dtype, exactly."""
    operand = x.inputs[0]
    if type(operand) is not Instruction or operand.dtype is None or x.dtype is None:
        return False
    same = operand.dtype.kind == x.dtype.kind or operand.dtype.kind == "b"
    return same and np.can_cast(operand.dtype, x.dtype)


def _unrepeated(x: Instruction) -> Instruction:
    """Operands before they were repeated, where the instruction repeats them itself."""
    changed = []
    for i in x.inputs:
        while (
            type(i) is Instruction and i.kind == "view" and type(i.inputs[0]) is Instruction
            and _only_repeats(i)
        ):  # fmt: skip
            i = i.inputs[0]
        changed.append(i)
    if all(a is b for a, b in zip(changed, x.inputs, strict=True)):
        return x
    if _common(changed) == x.shape:
        return _like(x, inputs=tuple(changed))
    for k, (new, old) in enumerate(zip(changed, x.inputs, strict=True)):
        if new is not old:  # one of them must say the shape
            changed[k] = old
            break
    if all(a is b for a, b in zip(changed, x.inputs, strict=True)):
        return x
    return _like(x, inputs=tuple(changed)) if _common(changed) == x.shape else x


def _common(operands: Iterable[Any]) -> tuple[int, ...]:
    return np.broadcast_shapes(*[i.shape or () for i in operands if type(i) is Instruction])


def _only_repeats(view: Instruction) -> bool:
    """Whether broadcasting gives what a view gives: new first axes, repeated ones."""
    before, after = view.inputs[0].shape, view.shape
    if before is None or after is None:
        return False
    if view.name == "broadcast_to":
        return True
    lead = len(after) - len(before)
    return view.name == "reshape" and lead >= 0 and after == (1,) * lead + before


# ---- views ---------------------------------------------------------------------------------------


def _read_with_axes(instructions: Iterable[Instruction]) -> set[Instruction]:
    """The reductions whose results are read with the axes that have gone, as axes of length 1."""
    found = set()
    for x in instructions:
        of = x.inputs[0] if x.kind == "view" and x.name in ("reshape", "slice") else None
        if type(of) is not Instruction or of.kind != "reduce" or of.params[1]:
            continue
        if x.shape == _kept_shape(of) and (x.name == "reshape" or _adds_axes(x)):
            found.add(of)
    return found


def _kept_shape(x: Instruction) -> tuple[int, ...]:
    shape, axes = x.inputs[0].shape, x.params[0]
    return tuple(1 if a in axes else n for a, n in enumerate(shape))


def _with_axes(x: Instruction) -> Instruction:
    """A reduction that keeps its axes, seen without them: what a loop can go on with."""
    kept = _like(x, params=(x.params[0], True), shape=_kept_shape(x))
    return _like(x, kind="view", name="reshape", inputs=(kept,), params=(x.shape,), function=None)


def _adds_axes(x: Instruction) -> bool:
    """Whether an index only adds axes."""
    return all(p is None or p == slice(None) for p in x.params[0])


def _simpler_view(x: Instruction) -> Instruction:
    operand = x.inputs[0]
    if type(operand) is not Instruction or operand.shape is None or x.shape is None:
        return x
    if operand.shape == x.shape and _is_no_change(x):
        return operand
    if x.name == "slice" and _adds_axes(x):
        return _like(x, name="reshape", params=(x.shape,))
    if (
        operand.kind != "view"
        or operand.name != x.name
        or type(operand.inputs[0]) is not Instruction
    ):
        return x
    inner = operand.inputs
    if x.name in ("reshape", "broadcast_to"):
        return _like(x, inputs=inner)
    if x.name == "transpose":
        axes, first = x.params[0], operand.params[0]
        return _like(x, inputs=inner, params=(tuple(first[a] for a in axes),))
    return x


def _is_no_change(x: Instruction) -> bool:
    if x.name in ("reshape", "broadcast_to"):
        return True
    if x.name == "transpose":
        axes = x.params[0]
        moved = [a for a in axes if x.inputs[0].shape[a] != 1]
        return moved == sorted(moved)
    return False


# ---- what is computed twice ----------------------------------------------------------------------


def _key(x: Instruction) -> Any:
    """What two instructions share that give the same; None: it is one of a kind."""
    if x.kind not in _PURE:
        return None
    inputs = tuple([id(i) if type(i) is Instruction else _number(i) for i in x.inputs])
    key = (x.kind, x.name, x.function, inputs, x.shape, x.dtype)
    try:
        hash(x.params)
        return (*key, *map(_number, x.params))
    except TypeError:  # slices
        return (*key, repr(x.params)) if x.kind == "view" else None


def _number(x: Any) -> Any:
    return (type(x), repr(x)) if isinstance(x, (float, complex, np.generic)) else (type(x), x)
