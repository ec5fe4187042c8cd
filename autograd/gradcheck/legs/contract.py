"""What every vector-Jacobian product must keep to, found without any difference quotient.

It is linear in its cotangent; it changes neither its inputs, nor the cotangent, nor what was saved;
it does not depend on other calls before or between; and the same call gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from os.path import basename
from typing import Any

import numpy as np

from autograd.engine.node import Node, topological
from autograd.engine.row import OUTPUT, Cotangents
from autograd.engine.typed import Array
from autograd.gradcheck.numeric.function import FAILURES, OPS_ON_THE_WAY, Function, Recording
from autograd.gradcheck.numeric.rounding import rounding_of_gradients
from autograd.sweep.pull import rules_of

__all__ = ["audit", "contract"]

_SLACK = 10.0  # times that noise, for a sum of several gradients
_NOISE = 1e-6  # relative change from run to run that is noise, not randomness


def contract(
    function: Function, x: Array, rng: np.random.Generator
) -> tuple[list[tuple[str, str | None]], float]:
    """The broken promises (each with the node that broke it), and the measured nondeterminism."""
    broken: list[tuple[str, str | None]] = []
    arrays = function.parts(x.copy())
    recording = function.record(arrays=arrays)
    before = np.concatenate([part.ravel().view(np.float64) for part in function.parts(x.copy())])
    if not _same_arrays(function, arrays, before):
        broken.append(("input mutated by the function", None))
    size = recording.value.size
    u, w = rng.uniform(0.5, 1.5, (2, size)) * rng.choice([-1.0, 1.0], (2, size))
    cotangents = recording.unflat(u)
    first = recording.flat_gradient(recording.pull(cotangents))
    if not _equal(np.concatenate([_flat(c) for c in cotangents]), _flat_all(recording.unflat(u))):
        broken.append(("cotangent mutated", None))
    if not _same_arrays(function, arrays, before) and not broken:
        broken.append(("saved input mutated", None))
    broken += audit(recording, rng)
    if broken:
        return broken, 0.0
    with np.errstate(all="ignore"):
        return _repeats(function, recording, x, first, u, w, rng)


def _repeats(
    function: Function,
    recording: Recording,
    x: Array,
    first: Array,
    u: Array,
    w: Array,
    rng: np.random.Generator,
) -> tuple[list[tuple[str, str | None]], float]:
    """Whether the rules are linear, and give the same at any other time."""

    def size() -> Array:
        """Of what cancels in the gradients by u and w."""
        return rounding_of_gradients(recording, np.stack([u, w]), rng).sum(axis=0)

    second = recording.vjp(w)
    rounding = recording.rounding
    again = max(_apart(recording.vjp(u), first, rounding, size) for _ in range(2))
    allowed = max(rounding, _NOISE) + _SLACK * again  # each rule alone was held to rounding
    both = recording.vjp(2 * u - 3 * w)
    if again <= _NOISE and not _close(both, 2 * first - 3 * second, allowed, size, first, second):
        return [("not linear in the cotangent", None)], again
    again = max(again, _apart(function.record(x).vjp(u), first, rounding, size))
    if again > _NOISE:
        return [("nondeterministic: a second backward gives another gradient", None)], 0.0
    early = function.record(x)
    other = np.concatenate([_flat(part) for part in function.parts(x)]) * 1.03 + 0.01
    try:
        function.record(other)
    except FAILURES:
        other = x
    if _apart(early.vjp(u), first, rounding, size) > _NOISE + again:
        return [("stale value: the rule uses what a later call of the function left", None)], again
    leaves = recording.leaves
    joint = Recording(leaves, [*recording.outputs, *_rerun(function, leaves)])
    together = joint.vjp(np.concatenate([u, w]))
    if not _close(together, first + second, _NOISE + rounding + again, size, first, second):
        return [("gradient aliased: f(x) + f(x) has another gradient than twice f(x)", None)], again
    return [], again


def _rerun(function: Function, leaves: Sequence[Any]) -> list[Any]:
    given, _ = function.arguments(function.parts(function.x.copy()))
    for position, leaf in zip(function.positions, leaves, strict=True):
        given[position] = leaf
    return function.outputs(given)


def audit(recording: Recording, rng: np.random.Generator) -> list[tuple[str, str | None]]:
    """Call the rules of every node, and look at what they change and return."""
    roots = [y._node for y in recording.outputs if y._node is not None]
    for node in topological(roots):
        if node.is_leaf or node.op is OUTPUT:
            continue
        what = _audit_node(node, rng)
        if what is not None:
            place = f"{node.op.name}  {basename(node.where)}" if node.where else node.op.name
            return [(what, place)]
    return []


def _audit_node(node: Node, rng: np.random.Generator) -> str | None:
    arrays = [a for a in _inner(node.saved) if isinstance(a, np.ndarray)]
    copies = [a.copy() for a in arrays]
    for call in rules_of(node, node.saved):
        parent = None if call.position is None else node.inputs[call.position]
        g, other = _cotangent(node.spec, rng), _cotangent(node.spec, rng)
        kept = _copied(g)
        try:
            result = call(g)
            held = _copied(result)
            if not _equal_any(g, kept):
                return "cotangent mutated"
            if not all(_equal(a, c) for a, c in zip(arrays, copies, strict=True)):
                for array, copy in zip(arrays, copies, strict=True):
                    array[...] = copy
                return "saved value mutated"
            second = _copied(call(other))
            both, again = _copied(call(_combined(g, other))), _copied(call(g))
        except FAILURES:
            return None  # the sweep itself says what is wrong
        if not _equal_any(result, held) and not _shares(result, other):
            return "gradient aliased: the rule returns a buffer that its next call overwrites"
        if what := _misshapen(node, parent, result) or _leak(node, result):
            return what
        same = all(_equal(np.asarray(a), np.asarray(b)) for a, b in zip(held, again, strict=True))
        if same and not all(map(_linear, held, second, both)):
            return "not linear in the cotangent"
    return None


def _combined(g: Any, h: Any) -> Any:
    """2 g − 3 h."""
    if isinstance(g, tuple):
        return tuple(map(_combined, g, h))
    return (2 * g - 3 * h).astype(g.dtype)


def _linear(first: Any, second: Any, both: Any) -> bool:
    """Whether what a rule gives for 2 g − 3 h is that of what it gives for g and for h.

    The cotangents are random, so that hardly anything cancels, as it may in a whole graph.
    """
    first, second, both = np.asarray(first), np.asarray(second), np.asarray(both)
    if both.dtype.kind not in "fc" or not first.shape == second.shape == both.shape:
        return True
    with np.errstate(all="ignore"):
        apart = np.abs(both - (2 * first - 3 * second))
        terms = np.abs(first) + np.abs(second)
    known = np.isfinite(apart) & np.isfinite(terms)
    largest = float(np.max(terms, initial=0.0, where=known))
    allowed = (OPS_ON_THE_WAY + max(both.shape, default=1)) * float(np.finfo(both.dtype).eps)
    return bool(np.all(apart[known] <= _SLACK * allowed * largest))


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


def _flat(part: Array) -> Array:
    array = np.ascontiguousarray(part).ravel()
    return array.view(np.float64) if array.dtype.kind == "c" else array


def _flat_all(parts: Sequence[Array]) -> Array:
    return np.concatenate([_flat(part) for part in parts])


def _same_arrays(function: Function, arrays: Sequence[Array], before: Array) -> bool:
    return _equal(_flat_all(arrays), before)


def _apart(a: Array, b: Array, rounding: float, size: Callable[[], Array]) -> float:
    """The largest difference, relative to the largest element; of what is no mere rounding."""
    apart = np.abs(a - b)
    apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, apart)
    if np.any(apart):
        apart = np.where(apart <= rounding * size(), 0.0, apart)
    largest = float(np.max(np.nan_to_num(np.abs(b), posinf=0.0), initial=0.0))
    worst = float(np.max(np.nan_to_num(apart, nan=np.inf), initial=0.0))
    return worst / largest if largest else (0.0 if worst == 0 else np.inf)


def _close(
    a: Array, b: Array, tolerance: float, size: Callable[[], Array], *gradients: Array
) -> bool:
    """Whether two gradients differ by no more than rounding: of themselves, or of their terms."""
    largest = sum(
        float(np.max(np.abs(np.nan_to_num(g, posinf=0, neginf=0)), initial=0)) for g in gradients
    )
    apart = np.where(np.isfinite(a) & np.isfinite(b), np.abs(a - b), 0.0)
    if np.all(apart <= tolerance * largest):
        return True
    return bool(np.all(apart <= tolerance * (largest + _SLACK * size())))
