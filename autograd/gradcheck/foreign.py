"""Gradients from anywhere: a function of plain arrays, and another that gives its gradients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import GradcheckError
from autograd.gradcheck.inputs import label, positions_of
from autograd.gradcheck.report.finding import Finding
from autograd.gradcheck.report.report import Report
from autograd.graph.pytree import flat, is_record, nested, parts_of
from autograd.tensors.tensor import Tensor

__all__ = ["Plain", "told_of", "with_gradient"]


class Plain(NamedTuple):
    """A function of plain arrays as one of Tensors, its inputs side by side, and those checked."""

    run: Callable[..., Any]
    inputs: list[Any]
    positions: list[int]


def with_gradient(
    f: Callable[..., Any], grad: Callable[..., Any], inputs: Sequence[Any], wrt: Any
) -> Plain:
    """f as a function of Tensors, whose rule asks `grad` for the Jacobians.

    Inputs and results may be nested in dicts, lists, tuples and dataclasses. Both functions get
    plain arrays, of their own each time. It is an op of its own, which no table knows.
    """
    if not callable(grad):
        raise GradcheckError(
            f"gradcheck: grad is the function that gives the gradient, got {type(grad).__name__}"
        )
    given = [_numbers(x) for x in inputs]
    leaves, named = _leaves(f, given)
    wanted, positions = _positions(given, leaves, wrt)
    if any(_array(leaves[p]).dtype.kind == "c" for p in positions):
        raise GradcheckError("gradcheck: grad= checks functions of real inputs")
    shown: list[Any] = [None]  # the result of f, as it was nested

    def arguments(xs: Sequence[Any]) -> list[Any]:
        values = list(others)
        for position, x in zip(positions, xs, strict=True):
            values[position] = np.array(_array(x))
        rest = iter(values)
        return [nested(lambda _: next(rest), x) for x in given]

    def forward(*xs: Any) -> Any:
        shown[0] = found = nested(_array, f(*arguments(xs)))
        parts = flat(found)
        for y in parts:
            if y.dtype.kind not in "fiub":
                raise GradcheckError(f"gradcheck: f returned {y.dtype}; it must be real numbers")
        if not any(y.dtype.kind == "f" for y in parts):
            kinds = ", ".join(sorted({str(y.dtype) for y in parts})) or "nothing"
            raise GradcheckError(f"gradcheck: f returned {kinds}; it must return real numbers")
        return tuple(y[()] for y in parts)

    def rule(g: Any, xs: Sequence[Any], needs: Sequence[bool]) -> tuple[Any, ...]:
        found = grad(*arguments(xs))
        total: list[Any] = [None] * len(positions)
        for u, part in zip(g, _by_output(found, shown[0]), strict=True):
            if part is None or _array(u).dtype.kind != "f":
                continue
            slopes = _by_leaf(part, [given[i] for i in wanted], [named[i] for i in wanted])
            for n, ((what, slope), x) in enumerate(zip(slopes, xs, strict=True)):
                if needs[n]:
                    new = _pulled(u, _jacobian(what, slope, np.shape(u), np.shape(x)))
                    total[n] = new if total[n] is None else total[n] + new
        return tuple(total)

    others = [getattr(x, "_value", x) for x in leaves]
    forward.__name__ = getattr(f, "__name__", "f").strip("<>")
    record = recorder(Op(forward, "f(x)", {}, joint=rule, outputs=0))

    @functools.wraps(f)
    def run(*values: Any) -> Any:
        others[:] = [getattr(x, "_value", x) for x in values]
        results = record(*(values[p] for p in positions))
        return results[0] if len(results) == 1 else tuple(results)

    return Plain(run, leaves, positions)


def told_of(report: Report, name: str) -> Report:
    """The same report with the gradient's name in the line to run again, and no node to blame."""

    def told(findings: Sequence[Finding]) -> tuple[Finding, ...]:
        lines = (f.repro.replace("*inputs", f"*inputs, grad={name}") for f in findings)
        return tuple(
            f._replace(where=None, repro=line) for f, line in zip(findings, lines, strict=True)
        )

    report.failures = told(report.failures)
    report.inconclusive = told(report.inconclusive)
    report.kinks = told(report.kinks)
    report.undefined = told(report.undefined)
    return report


# ---- what goes in --------------------------------------------------------------------------------


def _array(value: Any) -> Any:
    """The numbers of an array of any library, without its graph."""
    value = getattr(value, "_value", value)
    for way in ("detach", "cpu"):  # of PyTorch's tensors
        value = getattr(value, way, lambda value=value: value)()
    return np.asarray(value)


def _numbers(x: Any) -> Any:
    """A list of numbers as an array; everything else as it is."""
    if not isinstance(x, list) or not x:
        return x
    if not all(isinstance(part, (int, float, np.number)) for part in _inside(x)):
        return x
    try:
        return np.array(x)
    except ValueError:  # ragged
        return x


def _inside(x: Any) -> Iterator[Any]:
    for part in x:
        if isinstance(part, list):
            yield from _inside(part)
        else:
            yield part


def _leaves(f: Callable[..., Any], given: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """What lies in the inputs, where they are nested as Tensors with names; and those of them."""
    names = [label(f, given, i) for i in range(len(given))]
    if all(len(flat(x)) == 1 and flat(x)[0] is x for x in given):
        return list(given), names
    found = []
    for x, name in zip(given, names, strict=True):
        for path, leaf in _paths(x, name):
            is_number = isinstance(leaf, (Tensor, np.ndarray, np.generic, float))
            array = _array(leaf) if is_number else np.array(0)
            is_floating = array.dtype.kind in "fc"
            found.append(Tensor(array, name=path, dtype=array.dtype) if is_floating else leaf)
    return found, names


def _positions(
    given: Sequence[Any], leaves: Sequence[Any], wrt: Any
) -> tuple[list[int], list[int]]:
    """Which inputs are checked, and which of what lies in them is."""
    if len(leaves) == len(given) and all(a is b for a, b in zip(leaves, given, strict=True)):
        positions = positions_of(leaves, wrt)
        return positions, positions
    stops = np.cumsum([0, *(len(flat(x)) for x in given)])
    if wrt is None:
        inner = positions_of(leaves, None)
    else:
        asked = [wrt] if isinstance(wrt, (int, np.integer)) else list(wrt)
        if wrong := [i for i in asked if not 0 <= i < len(given)]:
            raise GradcheckError(f"gradcheck: wrt names input {wrong[0]}; there are {len(given)}")
        every = [p for i in asked for p in range(stops[i], stops[i + 1])]
        inner = positions_of(leaves, [p for p in every if isinstance(leaves[p], Tensor)] or every)
    outer = [i for i in range(len(given)) if any(stops[i] <= p < stops[i + 1] for p in inner)]
    return outer, inner


def _paths(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What lies in a nested value, in the order of `flat`, with where it lies."""
    parts = _parts(value)
    if parts is None:
        yield path, value
        return
    for key, part in parts:
        yield from _paths(part, path + key)


def _parts(value: Any) -> list[tuple[str, Any]] | None:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [(f".{name}", part) for name, part in zip(value._fields, value, strict=True)]
    if isinstance(value, (tuple, list)):
        return [(f"[{n}]", part) for n, part in enumerate(value)]
    if isinstance(value, dict):
        return [(f"[{key!r}]", part) for key, part in value.items()]
    if is_record(value):
        return [(f".{name}", part) for name, part in parts_of(value).items()]
    return None


# ---- what comes back -----------------------------------------------------------------------------


def _by_output(found: Any, result: Any) -> list[Any]:
    """What `grad` gave for each output of f: of several outputs it has the nesting of these."""
    if _parts(result) is None:
        return [found]
    floating = [y.dtype.kind == "f" for y in flat(result)]
    if len(floating) == 1 and _parts(found) is None:
        return [found]
    parts = _matched(found, result, "the outputs")
    return [next(parts)[1] if is_floating else None for is_floating in floating]


def _by_leaf(found: Any, given: Sequence[Any], names: Sequence[str]) -> list[tuple[str, Any]]:
    """What was given for each checked number in the inputs: one input, or a tuple of them."""
    if len(given) > 1 and not isinstance(found, (tuple, list)):
        found = (found,)
    elif len(given) == 1:
        found = found if isinstance(found, tuple) and len(found) == 1 else (found,)
    if len(found) != len(given):
        raise GradcheckError(
            f"gradcheck: grad gave {len(found)} gradients, and {len(given)} inputs are "
            "checked; name the inputs that it is for by wrt="
        )
    return [
        pair
        for part, x, name in zip(found, given, names, strict=True)
        for pair in _matched(part, x, name)
    ]


def _matched(found: Any, like: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The parts of a nested value in the order of another's; only those of floating numbers."""
    parts = _parts(like)
    if parts is None:
        kind = _array(like).dtype.kind if hasattr(like, "dtype") or isinstance(like, float) else ""
        if kind in ("f", "c"):
            yield path, found
        return
    for n, (key, part) in enumerate(parts):
        if any(True for _ in _matched(part, part, "")):
            yield from _matched(_part(found, like, n, key, path), part, path + key)


def _part(found: Any, like: Any, n: int, key: str, path: str) -> Any:
    """One part of what `grad` gave; textbooks call the gradient by "W1" "dW1"."""
    if isinstance(like, dict) and isinstance(found, Mapping):
        own = list(like)[n]
        for name in (own, f"d{own}", f"grad_{own}"):
            if name in found:
                return found[name]
        raise GradcheckError(
            f"gradcheck: grad gave nothing for {path}{key}; it gave "
            f"{', '.join(map(repr, found)) or 'an empty dict'}"
        )
    if is_record(like) and is_record(found):
        return getattr(found, key[1:])
    if isinstance(found, (tuple, list)) and len(found) == len(_parts(like) or ()):
        return found[n]
    raise GradcheckError(
        f"gradcheck: grad gave {type(found).__name__} for {path}, which is "
        f"{type(like).__name__} of {len(_parts(like) or ())}; it must be nested as that is"
    )


def _jacobian(
    what: str, found: Any, output: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[Array, bool]:
    """The Jacobian, or of each sample its own; and whether it is the latter."""
    if found is None:
        raise GradcheckError(f"gradcheck: grad gave None for {what}")
    jacobian = _array(found)
    if jacobian.shape == (*output, *shape):
        return jacobian, False
    if output and jacobian.shape == shape and shape[: len(output)] == output:
        return jacobian, True  # np.cos of np.sin; of a batch of samples each one's gradient
    raise GradcheckError(
        f"gradcheck: grad gave the shape {jacobian.shape} for an input of {shape} ({what}); it "
        f"must be {(*output, *shape)}, the shape of f's result and then that of the input"
    )


def _pulled(g: Any, jacobian: tuple[Array, bool]) -> Any:
    """Σ g · J, of an array or a Tensor g."""
    matrix, is_own = jacobian
    if is_own:
        return g.reshape(np.shape(g) + (1,) * (matrix.ndim - np.ndim(g))) * matrix
    shape = matrix.shape[np.ndim(g) :]
    return (g.reshape(-1) @ matrix.reshape(np.size(g), -1)).reshape(shape)
