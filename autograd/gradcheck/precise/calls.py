"""The calls that an op is proved by: random points, in the ranges that its samples have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import Array
from autograd.engine.samples import Sample

__all__ = ["Call", "calls_of"]

_WIDE = (-14, 10)  # magnitudes of the points that no sample has, as powers of 2


class Call(NamedTuple):
    """A function of Tensors with inputs, of which those at `positions` have rules."""

    run: Callable[..., Any]
    op: Any
    inputs: tuple[Any, ...]
    statics: dict[str, Any]
    positions: tuple[int, ...]
    names: tuple[str, ...]
    params: str  # the static parameters, as text
    each: bool  # whether each element is a point of its own
    width: int  # of these, real coordinates
    points: int


def calls_of(op: Any, points: int, rng: np.random.Generator) -> Iterator[Call]:
    """One call for each set of static parameters; of elementwise ops at that many points."""
    samples = [s for s in (op.samples() if op.samples else ()) if s.smooth and _sized(s)]
    seen = set()
    for one in samples:
        kinds = tuple(_kind(x) for x in one.inputs)
        key = (repr(sorted(one.params.items(), key=str)), kinds)
        if op.elementwise and key in seen:
            continue
        seen.add(key)
        alike = [
            s for s in samples if s.params == one.params and kinds == tuple(map(_kind, s.inputs))
        ] if op.elementwise else [one]  # fmt: skip
        found = _call(op, one, alike, points, rng)
        if found is not None:
            yield found


def _call(
    op: Any, one: Sample, alike: list[Sample], points: int, rng: np.random.Generator
) -> Call | None:
    names = (
        tuple(f"{op.inputs[0]}[{i}]" for i in range(len(one.inputs))) if op.variadic else op.inputs
    )
    ruled = [op.inputs[0]] * len(names) if op.variadic else names
    positions = tuple(
        i
        for i, x in enumerate(one.inputs)
        if _kind(x) in "fc" and (op.composite or op.joint or ruled[i] in op.rules)
    )
    if not positions:
        return None
    if op.elementwise:
        inputs = tuple(
            _drawn([s.inputs[i] for s in alike], points, rng) for i in range(len(one.inputs))
        )
        inputs = _defined(op, one, inputs, points)
    else:
        inputs = tuple(_moved(x, rng) for x in one.inputs)

    def run(*xs: Any) -> Any:
        return op.record(*xs, **one.params)

    run.__name__ = op.name
    first = inputs[positions[0]]
    wide = 2 if first.dtype.kind == "c" else 1
    each = bool(op.elementwise) and wide == 1
    text = ", ".join(f"{k}={getattr(v, '__name__', v)!r}" for k, v in one.params.items())
    text = ", ".join(filter(None, [text, "complex" if wide == 2 else ""]))
    count = first.size if op.elementwise else 1
    return Call(run, op, inputs, dict(one.params), positions, names, text, each,
                first.size * wide, count)  # fmt: skip


def _sized(s: Sample) -> bool:
    floats = [np.size(x) for x in s.inputs if _kind(x) in "fc"]
    return bool(floats) and all(floats)


def _kind(x: Any) -> str:
    return "-" if x is None else np.asarray(x).dtype.kind


def _drawn(values: list[Any], points: int, rng: np.random.Generator) -> Any:
    """Points of one input: half in the range of its values, half of any magnitude."""
    if values[0] is None:
        return None
    row = np.concatenate([np.ravel(v) for v in values if np.size(v)])
    if row.dtype.kind not in "fc":
        return rng.choice(row, points)
    if row.dtype.kind == "c":
        return _between(row.real, points, rng) + 1j * _between(row.imag, points, rng)
    inside = _between(row, points, rng)
    far = 2.0 ** _between(np.array(_WIDE), points, rng)
    number = np.arange(points)
    used = number[1::2]
    signs = np.ones(points)  # by turns from the smallest to the largest, so that both see all sizes
    signs[used[np.argsort(far[used])][rng.integers(2) :: 2]] = -1.0
    far = far * signs
    return np.where(number % 2 == 0, inside, far)


def _between(row: Array, points: int, rng: np.random.Generator) -> Array:
    """One value in each of as many equal parts of a range, in any order."""
    low, high = float(np.min(row)), float(np.max(row))
    place = (rng.permutation(points) + rng.uniform(0.01, 0.99, points)) / points
    return low + (high - low) * place


def _defined(op: Any, one: Sample, inputs: tuple[Any, ...], points: int) -> tuple[Any, ...]:
    """Where a far point has no finite value, one of those inside takes its place."""
    out = op.record(*inputs, **one.params)
    parts = out if isinstance(out, tuple) else (out,)
    bad = ~np.all([np.isfinite(np.asarray(y)) for y in parts], axis=0)
    inside = np.arange(points) // 2 * 2
    return tuple(x if x is None or np.ndim(x) == 0 else np.where(bad, x[inside], x) for x in inputs)


def _moved(x: Any, rng: np.random.Generator) -> Any:
    """A sample's numbers, a little beside themselves: these are simple ones."""
    if _kind(x) not in "fc":
        return x
    array = np.asarray(x)
    wide = np.complex128 if array.dtype.kind == "c" else np.float64
    return np.asarray(array * (1 + 1e-3 * rng.uniform(-1, 1, array.shape)), wide)
