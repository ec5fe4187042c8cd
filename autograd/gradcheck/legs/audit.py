"""The rules of every node, each called alone: what they change, return, and promise.

A rule is linear in its cotangent, at any scale; it changes neither the cotangent nor what was
saved; and what its op declares (elementwise: the Jacobian is diagonal) is so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from os.path import basename
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.packing import unpacked
from autograd.engine.row import OUTPUT, Cotangents
from autograd.engine.typed import Array
from autograd.gradcheck.legs.frozen import fewer
from autograd.gradcheck.numeric.function import OPS_ON_THE_WAY, Recording
from autograd.graph.pytree import mapped
from autograd.sweep.pull import Rule, input_name, rules_of

__all__ = ["audit", "place_of"]

_SLACK = 10.0  # times what rounding explains
_SMALL = 2.0**-20  # relative change of what a rule reads, which tells how it cancels inside
_OVERFLOWS = 2.0**-10  # of the largest number: where a result of this size is infinite, it is wrong
_DRAWS = 2
_SHARE = 1e-2  # of the largest terms, that any element may have
_MASKS = 3
_EACH_BIT = 4096  # elements up to which every pair of them is told apart


def audit(recording: Recording, rng: np.random.Generator) -> list[tuple[str, str | None]]:
    """Call the rules of every node, and look at what they change and return."""
    roots = [y._node for y in recording.outputs if y._node is not None]
    for node in topological(roots):
        if node.is_leaf or node.op is OUTPUT:
            continue
        what = _audit_node(node, rng)
        if what is not None:
            return [(what, place_of(node))]
    return []


def place_of(node: Node) -> str:
    """The op's name, and the line that recorded it."""
    return f"{node.op.name}  {basename(node.where)}" if node.where else node.op.name


def _audit_node(node: Node, rng: np.random.Generator) -> str | None:
    for call in rules_of(node, unpacked(node)):
        try:
            what = _audit_rule(node, call, rng)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises is a finding
            first = (str(error).splitlines() or [""])[0]
            what = f"the rule raised {type(error).__name__}: {first}"
        if what is not None:
            return what
    return None


def _audit_rule(node: Node, call: Rule, rng: np.random.Generator) -> str | None:
    arrays = [a for a in _inner(node.saved) if isinstance(a, np.ndarray)]
    copies = [a.copy() for a in arrays]
    parent = None if call.position is None else node.inputs[call.position]
    g, other = _cotangent(node.spec, rng), _cotangent(node.spec, rng)
    kept = _copied(g)
    result = call(g)
    held = _copied(result)
    if not _equal_any(g, kept):
        return "cotangent mutated"
    if not all(_equal(a, c) for a, c in zip(arrays, copies, strict=True)):
        for array, copy in zip(arrays, copies, strict=True):
            array[...] = copy
        return "saved value mutated"
    second = _copied(call(other))
    overwritten = not _equal_any(result, held)  # before the next call writes the same again
    again = _copied(call(g))
    if overwritten and not _shares(result, other):
        return "gradient aliased: the rule returns a buffer that its next call overwrites"
    if what := _misshapen(node, parent, result) or _leak(node, result):
        return what
    if not all(_equal(np.asarray(a), np.asarray(b)) for a, b in zip(held, again, strict=True)):
        return None  # nothing can be said of what is not the same twice: the sweeps tell of that
    if not _is_linear(call, g, other, held, second, rng) or not _is_zero_for_zero(call, g):
        return "not linear in the cotangent"
    if call.position is None and (what := _for_fewer(node, call, g, rng)):
        return what
    if node.op.elementwise and parent is not None and not _is_diagonal(node, parent, call, g, rng):
        return f"{node.op.name} is declared elementwise, and is not"
    return None


# ---- linear ----------------------------------------------------------------------------------


def _is_linear(
    call: Rule, g: Any, other: Any, first: list[Any], second: list[Any], rng: np.random.Generator
) -> bool:
    """Whether a rule gives sums for sums, and a millionth and a million times for such."""
    precision = _precision(g)  # cotangents are rounded to it, whatever the rule gives
    scale = 2.0**20 if precision < 1e-4 else 2.0**4
    tries = ((2.0, -3.0), (scale, 0.0), (1 / scale, 0.0))
    terms: list[Array] | None = None
    for a, b in tries:
        found = _copied(call(_combined(a, g, b, other)))
        for n, (x, y, both) in enumerate(zip(first, second, found, strict=True)):
            x, y, both = map(np.asarray, (x, y, both))
            if both.dtype.kind not in "fc" or not x.shape == y.shape == both.shape:
                continue
            with np.errstate(all="ignore"):
                apart = np.abs(both - (a * x + b * y)) / a
                size = np.abs(x) + np.abs(y)
                lost = ~np.isfinite(both) & (np.abs(a * x + b * y) < _OVERFLOWS * _most(both.dtype))
            if np.any(lost & np.isfinite(size)):
                return False
            known = np.isfinite(apart) & np.isfinite(size)
            largest = float(np.max(size, initial=0.0, where=known))
            eps = max(float(np.finfo(both.dtype).eps), precision)
            allowed = _SLACK * (OPS_ON_THE_WAY + max(both.shape, default=1)) * eps
            floor = float(np.finfo(both.dtype).smallest_normal) * (1 + 1 / a)
            if np.all(apart[known] <= allowed * largest + floor):
                continue
            terms = terms or _sensitivity(call, g, first, rng)
            if not np.all(apart[known] <= (allowed * (largest + terms[n]) + floor)[known]):
                return False
    return True


def _most(dtype: Any) -> float:
    return float(np.finfo(dtype).max)


def _is_zero_for_zero(call: Rule, g: Any) -> bool:
    """Whether a cotangent of zeros gives zeros; NaN may be 0 · inf."""
    found = [np.asarray(part) for part in _inner(call(_combined(0.0, g, 0.0, g)))]
    return not any(np.any(np.abs(part) > 0) for part in found if part.dtype.kind in "fc")


def _sensitivity(call: Rule, g: Any, first: list[Any], rng: np.random.Generator) -> list[Array]:
    """By how much rounding moves what a rule gives, in machine epsilons: terms that cancel inside.

    Seen where all that it reads is changed a little, and where it computes in other precision.
    """
    most = [np.zeros(np.shape(x)) for x in first]
    wide = _precision(g) < 1e-8
    other = (np.float32, np.complex64) if wide else (np.float64, np.complex128)
    eps = float(np.finfo(np.float32).eps) if wide else _precision(g)

    def note(found: list[Any], still: list[Any], size: float) -> None:
        for n, (x, y) in enumerate(zip(still, found, strict=True)):
            apart = np.abs(np.asarray(y) - np.asarray(x)) / size
            most[n] = np.fmax(most[n], np.nan_to_num(apart, posinf=0.0))

    cast = partial(_cast, to=other)
    for _ in range(_DRAWS):
        near = _changed((g, *call.reads), rng)
        with suppress(Exception):  # it may leave its domain; then nothing is added
            moved = _copied(call.run(*near))
            note(moved, first, _SMALL)
            note(_copied(call.run(*mapped(cast, near))), moved, eps)
    # some terms cancel without a rest in either precision
    return [np.fmax(terms, _SHARE * np.max(terms, initial=0.0)) for terms in most]


def _cast(x: Any, to: tuple[Any, Any]) -> Any:
    if isinstance(x, tuple):
        return tuple(_cast(part, to) for part in x)
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fc":
        return x
    return x.astype(to[x.dtype.kind == "c"])


def _changed(x: Any, rng: np.random.Generator) -> Any:
    """Each number changed by a small part of itself."""
    if isinstance(x, tuple):
        return tuple(_changed(part, rng) for part in x)
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fc":
        return x
    signs = rng.choice([-1.0, 1.0], np.shape(x))
    return np.asarray(np.asarray(x) * (1 + _SMALL * signs)).astype(x.dtype)[()]


def _combined(a: float, g: Any, b: float, h: Any) -> Any:
    """a g + b h."""
    if isinstance(g, tuple):
        return tuple(_combined(a, x, b, y) for x, y in zip(g, h, strict=True))
    return (a * g + b * h).astype(g.dtype) if b else (a * g).astype(g.dtype)


def _precision(g: Any) -> float:
    parts = g if isinstance(g, tuple) else (g,)
    return max((float(np.finfo(p.dtype).eps) for p in parts if p.dtype.kind in "fc"), default=1.0)


# ---- joint rules -----------------------------------------------------------------------------


def _for_fewer(node: Node, call: Rule, g: Any, rng: np.random.Generator) -> str | None:
    """Where a joint rule gives an input something else, because other inputs need none."""
    slots = node.op.joint[1] if node.op.joint else None
    slots = (slots,) if isinstance(slots, int) else slots or ()
    if "needs" not in node.op.named or len(node.saved) - 1 not in slots:
        return None
    place = slots.index(len(node.saved) - 1)
    tracked = [n for n, need in enumerate(call.reads[place]) if need]
    full = call(g)
    for still in fewer(len(tracked), rng):
        kept = [n for k, n in enumerate(tracked) if k not in still]
        needs = tuple(n in kept for n in range(len(full)))
        fresh = Rule(None, call.run, (*call.reads[:place], needs, *call.reads[place + 1 :]))
        found = fresh(g)
        for n in kept:
            mine = Rule(n, lambda *given, n=n: call.run(*given)[n], fresh.reads)
            if not _is_close(mine, g, found[n], full[n], rng):
                others = " and ".join(input_name(node, t) for t in tracked if t not in kept)
                return f"another gradient for {input_name(node, n)}, where {others} needs none"
    return None


def _is_close(call: Rule, g: Any, found: Any, expected: Any, rng: np.random.Generator) -> bool:
    """Whether what a rule gives is what is expected, but for rounding."""
    if found is None or expected is None:
        return found is expected
    found, expected = np.asarray(found), np.asarray(expected)
    if np.array_equal(found, expected, equal_nan=found.dtype.kind in "fc"):
        return True
    if found.shape != expected.shape or found.dtype.kind not in "fc":
        return False
    eps = max(float(np.finfo(found.dtype).eps), _precision(g))
    allowed = _SLACK * (OPS_ON_THE_WAY + max(found.shape, default=1)) * eps
    gap, size = np.abs(found - expected), float(np.max(np.abs(expected), initial=0.0))
    if not np.all(np.isfinite(gap)) or np.all(gap <= allowed * size):
        return bool(np.all(np.isfinite(gap)))
    terms = _sensitivity(call, g, [expected], rng)[0]
    return bool(np.all(gap <= allowed * (size + terms)))


# ---- elementwise -----------------------------------------------------------------------------


def _is_diagonal(node: Node, parent: Any, call: Rule, g: Any, rng: np.random.Generator) -> bool:
    """Whether a cotangent for some of the elements gives nothing to the others."""
    shape = np.shape(g)
    if isinstance(g, tuple) or shape != parent.shape or not np.size(g):
        return True
    for mask in _masks(np.size(g), rng):
        mask = mask.reshape(shape)
        found = np.asarray(call(np.where(mask, g, 0).astype(g.dtype)[()]))
        if found.shape == shape and np.any(np.abs(found[~mask]) > 0):  # NaN: 0 · inf
            return False
    return True


def _masks(size: int, rng: np.random.Generator) -> Iterator[Array]:
    """Parts of the elements, of which one holds any element without any other one."""
    number = np.arange(size)
    if size > _EACH_BIT:
        for _ in range(_MASKS):
            yield rng.permutation(size) < size // 3
        return
    for bit in range((size - 1).bit_length()):
        has = (number >> bit & 1).astype(bool)
        yield has
        yield ~has


# ---- what a rule gives -----------------------------------------------------------------------


def _misshapen(node: Node, parent: Node | None, result: Any) -> str | None:
    """A gradient that does not broadcast with its input."""
    if parent is not None:
        pairs = [(parent, result)]
    else:
        pairs = [
            (p, r)
            for p, r in zip(node.inputs, result, strict=False)
            if type(p) is Node and r is not None
        ]
    for source, found in pairs:
        if isinstance(found, Cotangents) or isinstance(source.spec, list):
            continue
        try:
            np.broadcast_shapes(np.shape(found), source.shape)
        except ValueError:
            return f"wrong shape: the rule gives {np.shape(found)}, its input is {source.shape}"
    return None


def _cotangent(spec: Any, rng: np.random.Generator) -> Any:
    if isinstance(spec, list):
        return tuple(_cotangent(one, rng) for one in spec)
    shape, dtype = spec if isinstance(spec, tuple) else ((), np.dtype(spec))
    drawn: Any = rng.uniform(0.5, 1.5, shape)
    drawn = drawn + 1j * rng.uniform(0.5, 1.5, shape) if dtype.kind == "c" else drawn
    g = np.asarray(drawn).astype(dtype)
    return g if isinstance(spec, tuple) else g[()]


def _leak(node: Node, result: Any) -> str | None:
    """A gradient wider than everything that it was computed from."""
    sources = [node.spec] if not isinstance(node.spec, list) else list(node.spec)
    sources += [p.spec for p in node.inputs if type(p) is Node]
    dtypes = [
        s[1] if isinstance(s, tuple) else np.dtype(s) for s in sources if not isinstance(s, list)
    ]
    values = [*_inner(node.saved), *(p for p in node.inputs if type(p) is not Node)]
    dtypes += [v.dtype for v in values if hasattr(v, "dtype")]
    floating = [d for d in dtypes if d.kind in "fc"]
    wide = any(d in (np.float64, np.complex128) for d in floating)
    for found in _inner(result):
        dtype = getattr(found, "dtype", None)
        if not wide and dtype in (np.float64, np.complex128):
            return f"dtype {dtype} for a {floating[0]} input"
    return None


def _inner(value: Any) -> Iterator[Any]:
    """The arrays in nested tuples."""
    if isinstance(value, Cotangents):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _inner(item)
    elif value is not None:
        yield value


def _copied(value: Any) -> list[Any]:
    return [v.copy() if isinstance(v, np.ndarray) else v for v in _inner(value)]


def _shares(result: Any, other: Any) -> bool:
    return any(
        isinstance(r, np.ndarray) and isinstance(o, np.ndarray) and np.shares_memory(r, o)
        for r in _inner(result)
        for o in _inner(other)
    )


def _equal_any(value: Any, copies: list[Any]) -> bool:
    return all(
        _equal(np.asarray(v), np.asarray(c)) for v, c in zip(_inner(value), copies, strict=True)
    )


def _equal(a: Array, b: Array) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
